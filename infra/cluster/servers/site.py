"""The site's own processes (gunicorn, worker, keeper) and the environment that they share."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from infra.cluster.layout import Layout
from infra.cluster.servers.http_probe import http_status
from infra.cluster.servers.part import Part
from infra.cluster.servers.sentinel import SENTINELS, SERVERS
from infra.ops.site_variables import OF_SERVERS, site_variables

APPLICATION = "minigram_site.wsgi:application"
# Variables of gunicorn and Django: those of our own environment are not meant for the cluster.
SERVER_VARIABLES = (OF_SERVERS - {"EDGE"}) | {"GUNICORN_CMD_ARGS", "DJANGO_SETTINGS_MODULE"}
# Unique for each process that makes ids in the shared folder; 0 is left for commands.
INSTANCE_IDS = {"web1": 1, "web2": 2, "web3": 3, "worker": 4, "keeper": 5}
# nginx's internal address for the bytes of pictures.
ACCEL_PREFIX = "/protected/"
SETTLING_SECONDS = 1
# What of these there is must run before the instances do.
CACHES = (*SERVERS, *SENTINELS)


@dataclass(frozen=True)
class Site:
    """The site of one cluster at one stage.

    ``databases`` are addresses, that of the primary first, and empty for SQLite; ``redis`` is an
    address or empty; ``extra`` are variables that override those of the stage.
    """

    layout: Layout
    stage: int
    port: int
    databases: list[str]
    redis: str
    extra: dict[str, str]

    @property
    def behind_nginx(self) -> bool:
        """Whether nginx is the front, and gunicorn listens on sockets only."""
        return self.stage >= 3

    @property
    def instances(self) -> list[str]:
        """The names of the gunicorn instances."""
        return ["web1", "web2", "web3"] if self.behind_nginx else ["web1"]

    @property
    def url(self) -> str:
        """The address of the site's front."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of the site's processes and of its commands."""
        ours = {
            "SECRET_KEY": self.layout.secret("site"),
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DATA_DIR": str(self.layout.site),
            "MEDIA_ROOT": str(self.layout.site / "media"),
            "DATABASE_URL": f"sqlite:///{self.layout.site}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
            "INSTANCES": str(len(self.instances)),
        }
        if self.databases:
            ours |= {"DATABASE_URL": self.databases[0], "BACKGROUND_WORKER": "true"}
        if self.databases[1:]:
            ours["DATABASE_REPLICA_URLS"] = ",".join(self.databases[1:])
        if self.behind_nginx:
            ours |= {"TRUSTED_PROXIES": "1", "MEDIA_ACCEL_PREFIX": ACCEL_PREFIX}
        if self.redis:
            ours["CACHE_URL"] = self.redis
        return _inherited() | ours | self.extra

    def parts(self) -> list[Part]:
        """Return gunicorn's instances and, beyond Stage 1, the worker and the keeper."""
        parts = [self._instance(name) for name in self.instances]
        if self.stage >= 2:
            parts.append(self._command("worker", "task worker", ("migrate",)))
        if self.stage >= 4:
            depends_on = ("migrate", "replica1", "replica2")
            parts.append(self._command("keeper", "keeper of the replicas", depends_on))
        return parts

    def is_ready(self, address: str) -> bool:
        """Tell whether ``/readyz`` is answered with 200 on a port or socket."""
        return http_status(address, "/readyz", f"127.0.0.1:{self.port}") == 200

    def _instance(self, name: str) -> Part:
        socket = f"{self.layout.run}/{name}.sock"
        address = socket if self.behind_nginx else str(self.port)
        bind = f"unix:{socket}" if self.behind_nginx else f"127.0.0.1:{self.port}"
        config = ["--config", "infra/gunicorn.conf.py"]
        return Part(
            name=name,
            role="gunicorn",
            address=address,
            command=[sys.executable, "-m", "gunicorn", *config, APPLICATION],
            env=self.env | {"INSTANCE_ID": str(INSTANCE_IDS[name]), "BIND": bind},
            is_ready=lambda: self.is_ready(address),
            depends_on=("migrate", "static", *(CACHES if self.redis else ())),
        )

    def _command(self, name: str, role: str, depends_on: tuple[str, ...]) -> Part:
        return Part(
            name=name,
            role=role,
            address="-",
            command=[sys.executable, "manage.py", name],
            env=self.env | {"INSTANCE_ID": str(INSTANCE_IDS[name])},
            is_ready=lambda: True,
            settling_seconds=SETTLING_SECONDS,
            depends_on=depends_on,
        )


def _inherited() -> dict[str, str]:
    """Return our own environment without the variables that configure a site or its servers."""
    names = site_variables() | SERVER_VARIABLES
    # Those of libpq (PG…) would lead to other database servers.
    return {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith("PG")
    }
