"""nginx: the proxy before the instances of one cluster, rendered into a folder of files."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.servers import edge
from infra.cluster.servers.configuration import INFRA, rendered
from infra.cluster.servers.edge import Edge
from infra.cluster.servers.http_probe import http_status
from infra.cluster.servers.part import Part

TEMPLATES = INFRA / "nginx"
# A stage on loopback has no certificate.
TLS = {"nginx-tls.conf", "tls.conf"}
# The site's own default.
MAX_UPLOAD_MB = 30
# What a multipart body holds beside the file: the site allows for as much.
FORM_KB = 256


@dataclass(frozen=True)
class Nginx:
    """The nginx of one cluster, on a port of loopback; ``env`` is that of the site.

    ``redis`` is the socket of its Redis, for the edge.
    """

    layout: Layout
    port: int
    env: dict[str, str]
    redis: Path | None = None

    @property
    def edge(self) -> Edge:
        """Its edge, on or off; raises ``ClusterError`` if ``EDGE`` is neither."""
        return Edge.of(self.env, self.redis)

    def part(self) -> Part:
        """Return the process. It runs as ourselves, so that it can read what the site writes.

        Raises ``MissingPackage`` if nginx is not installed.
        """
        configuration = self._folder / "nginx.conf"
        command = [executables.path_of("nginx"), "-e", "stderr", "-p", str(self._folder), "-c"]
        return Part(
            name="nginx",
            role="nginx, front",
            address=str(self.port),
            command=[*command, str(configuration), "-g", "daemon off;"],
            env={name: self.env[name] for name in ("PATH", "HOME") if name in self.env},
            is_ready=self._is_ready,
            before_start=self.configure,
        )

    def configure(self) -> None:
        """Render every template, and make the folders that they name.

        Raises ``ClusterError`` if a placeholder has no value, or ``EDGE`` one that it cannot have.
        """
        temporary = self.layout.run / "nginx"
        for folder in (self._folder, temporary, self.layout.site / "media"):
            folder.mkdir(parents=True, exist_ok=True)
        # The error log and what nginx prints are one file.
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
            "NGINX_LOG_CLIENTS": "network",
            "SOCKET_DIR": self.layout.run,
            "DATA_DIR": self.layout.site,
            "MEDIA_ROOT": self.layout.site / "media",
            "ERRORS_DIR": TEMPLATES / "errors",
            "MAX_UPLOAD_MB": megabytes,
            "UPLOAD_LIMIT_KB": megabytes * 1024 + FORM_KB,
        }
        for template in TEMPLATES.glob("*.conf"):
            if template.name not in TLS:
                (self._folder / template.name).write_text(rendered(template, values))
        # A file that is there is included.
        for template in edge.TEMPLATES.glob("*.conf"):
            target = self._folder / template.name
            if self.edge.is_on:
                target.write_text(rendered(template, {**values, **self.edge.values}))
            else:
                target.unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        """Tell whether nginx listens, which any answer shows: the site is asked at /readyz."""
        return http_status(str(self.port), "/healthz", f"127.0.0.1:{self.port}") > 0

    @property
    def _folder(self) -> Path:
        return self.layout.configuration / "nginx"
