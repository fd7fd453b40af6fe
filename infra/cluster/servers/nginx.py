"""nginx and Redis: one configuration file each, or a folder of them, and one process."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError

from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.rendering import rendered
from infra.cluster.servers.part import Part, http_status
from infra.project import PROJECT

INFRA = PROJECT / "infra"
REDIS_MEMORY = "64mb"
MAX_UPLOAD_MB = 30
# What a multipart body holds beside the file: the site allows for the same.
FORM_KB = 256


@dataclass(frozen=True)
class Front:
    """nginx before the instances of one cluster."""

    layout: Layout
    port: int
    env: dict[str, str]

    def part(self) -> Part:
        """Return nginx. It runs as we do, so that it may read what the site writes."""
        configuration = self._folder / "nginx.conf"
        command = [executables.path_of("nginx"), "-e", "stderr", "-p", str(self._folder), "-c"]
        return Part(
            name="nginx",
            role="nginx, front",
            where=str(self.port),
            command=[*command, str(configuration), "-g", "daemon off;"],
            env={name: self.env[name] for name in ("PATH", "HOME") if name in self.env},
            # Any answer shows that it listens: whether the site answers is asked by readyz.
            answers=lambda: http_status(str(self.port), "/healthz", f"127.0.0.1:{self.port}") > 0,
            prepare=self.configure,
        )

    def configure(self) -> None:
        """Fill in every template."""
        temporary = self.layout.run / "nginx"
        for folder in (self._folder, temporary, self.layout.site / "media"):
            folder.mkdir(parents=True, exist_ok=True)
        # Its errors and what it prints are one log.
        errors = self.layout.logs / "error.log"
        if not errors.is_symlink():
            errors.symlink_to(self.layout.log("nginx").name)
        megabytes = int(self.env.get("MAX_UPLOAD_MB") or MAX_UPLOAD_MB)
        values = {
            "NGINX_USER": getpass.getuser(),
            "NGINX_LISTEN": f"127.0.0.1:{self.port}",
            "NGINX_TEMP_DIR": temporary,
            "NGINX_RUN_DIR": self.layout.run,
            "NGINX_LOG_DIR": self.layout.logs,
            "SOCKET_DIR": self.layout.run,
            "DATA_DIR": self.layout.site,
            "MEDIA_ROOT": self.layout.site / "media",
            "ERRORS_DIR": INFRA / "nginx" / "errors",
            "MAX_UPLOAD_MB": megabytes,
            "UPLOAD_LIMIT_KB": megabytes * 1024 + FORM_KB,
        }
        for template in (INFRA / "nginx").glob("*.conf"):
            if template.name != "nginx-tls.conf":
                (self._folder / template.name).write_text(rendered(template, values))

    @property
    def _folder(self) -> Path:
        return self.layout.configuration / "nginx"


@dataclass(frozen=True)
class Cache:
    """The Redis of one cluster."""

    layout: Layout

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.layout.run / "redis.sock"

    @property
    def url(self) -> str:
        """Its address for the site."""
        return f"redis://{self.socket}"

    def part(self) -> Part:
        """Return Redis."""
        configuration = self.layout.configuration / "redis.conf"
        return Part(
            name="redis",
            role="Redis, cache",
            where=str(self.socket),
            command=[executables.path_of("redis-server"), str(configuration)],
            env={"LC_ALL": "C.UTF-8"},
            answers=self._answers,
            prepare=lambda: self._configure(configuration),
        )

    def _configure(self, target: Path) -> None:
        values = {
            "REDIS_SOCKET": self.socket,
            "REDIS_DIR": self.layout.configuration,
            "REDIS_MEMORY": REDIS_MEMORY,
        }
        target.write_text(rendered(INFRA / "redis" / "redis.conf", values))

    def _answers(self) -> bool:
        client = Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()
