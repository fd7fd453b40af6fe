"""Redis: the cache of one cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError

from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.servers.configuration import INFRA, rendered
from infra.cluster.servers.part import Part

# As on a host (infra/README.md): of a thousand people the first two pages alone take 50 MB.
MEMORY = "256mb"
TIMEOUT_SECONDS = 2


@dataclass(frozen=True)
class RedisServer:
    """The Redis of one cluster, on a Unix socket."""

    layout: Layout

    @property
    def socket(self) -> Path:
        """The path of its socket."""
        return self.layout.run / "redis.sock"

    @property
    def url(self) -> str:
        """``CACHE_URL`` of the site."""
        return f"redis://{self.socket}"

    def part(self) -> Part:
        """Return the process, with its configuration.

        Raises ``MissingPackage`` if Redis is not installed.
        """
        configuration = self.layout.configuration / "redis.conf"
        return Part(
            name="redis",
            role="Redis, cache",
            address=str(self.socket),
            command=[executables.path_of("redis-server"), str(configuration)],
            env={"LC_ALL": "C.UTF-8"},
            is_ready=self._is_ready,
            before_start=lambda: self._configure(configuration),
        )

    def _configure(self, target: Path) -> None:
        values = {
            "REDIS_SOCKET": self.socket,
            "REDIS_DIR": self.layout.configuration,
            "REDIS_MEMORY": MEMORY,
        }
        target.write_text(rendered(INFRA / "redis" / "redis.conf", values))

    def _is_ready(self) -> bool:
        client = Redis(unix_socket_path=str(self.socket), socket_timeout=TIMEOUT_SECONDS)
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()
