"""Redis with a replica, and the three Sentinels that make it the primary when that is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.servers.configuration import INFRA, rendered
from infra.cluster.servers.part import Part
from infra.cluster.servers.redis import MEMORY, TIMEOUT_SECONDS

SERVERS = ("redis", "redis2")
SENTINELS = ("sentinel1", "sentinel2", "sentinel3")
# The name that the Sentinels know the primary by (infra/redis/sentinel/sentinel.conf).
SERVICE = "minigram"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class ReplicatedRedis:
    """The Redis servers and the Sentinels of one cluster, each on a port of loopback.

    ``ports`` has one for each of ``SERVERS`` and ``SENTINELS``: Sentinels know addresses, no
    sockets.
    """

    layout: Layout
    ports: Mapping[str, int]

    @property
    def url(self) -> str:
        """``CACHE_URL`` of the site."""
        hosts = ",".join(f"{HOST}:{self.ports[name]}" for name in SENTINELS)
        password = self._password
        return f"redis+sentinel://:{password}@{hosts}/{SERVICE}?sentinel_password={password}"

    def parts(self) -> list[Part]:
        """Return the processes, with their configuration.

        Raises ``MissingPackage`` if Redis is not installed.
        """
        return [*map(self._server, SERVERS), *map(self._sentinel, SENTINELS)]

    @property
    def _password(self) -> str:
        return self.layout.secret("redis")

    def _server(self, name: str) -> Part:
        first = name == SERVERS[0]
        texts = ("redis.conf", "sentinel/replicated.conf")
        values = {
            "REDIS_SOCKET": self.layout.run / f"{name}.sock",
            "REDIS_MEMORY": MEMORY,
            "REDIS_PORT": self.ports[name],
            "REDIS_REPLICA_OF": "" if first else f"replicaof {HOST} {self.ports[SERVERS[0]]}",
        }
        return self._part(
            name, "Redis, cache", texts, values, depends_on=() if first else SERVERS[:1]
        )

    def _sentinel(self, name: str) -> Part:
        values = {
            "SENTINEL_PORT": self.ports[name],
            "REDIS_PRIMARY": HOST,
            "REDIS_PORT": self.ports[SERVERS[0]],
        }
        return self._part(name, "Sentinel", ("sentinel/sentinel.conf",), values, depends_on=SERVERS)

    def _part(
        self,
        name: str,
        role: str,
        templates: tuple[str, ...],
        values: Mapping[str, object],
        depends_on: tuple[str, ...],
    ) -> Part:
        port = self.ports[name]
        # A new start of the cluster has other ports, and so other files.
        configuration = self.layout.configuration / f"{name}-{port}.conf"
        command = [executables.path_of("redis-server"), str(configuration)]
        return Part(
            name=name,
            role=role,
            address=str(port),
            command=[*command, "--sentinel"] if name in SENTINELS else command,
            env={"LC_ALL": "C.UTF-8"},
            is_ready=lambda: bool(self._ask(port, "PING")),
            role_now=lambda: self._role(name, role),
            depends_on=depends_on,
            before_start=lambda: self._configure(configuration, templates, values),
        )

    def _configure(
        self, target: Path, templates: tuple[str, ...], values: Mapping[str, object]
    ) -> None:
        """Write the configuration for the first start: from then on it is the servers' own."""
        if target.exists():
            return
        common = {
            "REDIS_DIR": self.layout.configuration,
            "REDIS_BIND": HOST,
            "REDIS_PASSWORD": self._password,
        }
        texts = [rendered(INFRA / "redis" / each, {**common, **values}) for each in templates]
        target.touch(mode=0o600)
        target.write_text("\n".join(texts))

    def _role(self, name: str, role: str) -> str:
        answer = self._ask(self.ports[name], "ROLE") if name in SERVERS else None
        what = {b"master": "primary", b"slave": "replica"}.get(answer[0] if answer else b"", "")
        return f"{role}, {what}" if what else role

    def _ask(self, port: int, *command: str) -> Any:
        """Return the answer of a server on loopback; nothing if there is none."""
        client = Redis(
            HOST,
            port,
            password=self._password,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            return client.execute_command(*command)  # type: ignore[no-untyped-call]
        except RedisError:
            return None
        finally:
            client.close()
