"""The topology of each stage: which servers it has, and how they are connected."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.processes.oneshot import OneShotRunner
from infra.cluster.servers.nginx import Nginx
from infra.cluster.servers.part import Part
from infra.cluster.servers.postgres import PRIMARY, PostgresServers
from infra.cluster.servers.redis import RedisServer
from infra.cluster.servers.sentinel import ReplicatedRedis
from infra.cluster.servers.site import Site
from infra.cluster.state import State
from infra.project import free_port

STAGES = (1, 2, 3, 4, 5)
DEFAULT_PORT = 8000
REPLICAS = ("replica1", "replica2")
# The programs that a stage needs beside Python, by the first stage that needs them.
PROGRAMS = {2: executables.POSTGRESQL, 3: ("nginx",), 5: ("redis-server",)}


@dataclass(frozen=True)
class Topology:
    """The servers of one stage in one data folder, and the parts that start them."""

    layout: Layout
    site: Site
    postgres: PostgresServers
    parts: list[Part]
    # Sentences for whoever starts it.
    notes: list[str]

    @classmethod
    def of(cls, data: Path, state: State, runner: OneShotRunner) -> Topology:
        """Return the topology of the cluster with this state.

        Raises ``MissingPackage`` if one of its servers is not installed.
        """
        layout = Layout(data, Path(state.run))
        replicas = REPLICAS if state.stage >= 4 else ()
        postgres = PostgresServers(layout, runner, replicas, state.delays)
        databases = [postgres.url(name) for name in (PRIMARY, *replicas)]
        one = RedisServer(layout)
        replicated = ReplicatedRedis(layout, state.ports) if state.ports else None
        site = Site(
            layout=layout,
            stage=state.stage,
            port=state.port,
            databases=databases if state.stage >= 2 else [],
            redis=(replicated or one).url if state.stage >= 5 else "",
            extra=state.env,
        )
        caches = replicated.parts() if replicated else [one.part()] if state.stage >= 5 else []
        # nginx reads one Redis at one address.
        read_by_nginx = one.socket if state.stage >= 5 and not replicated else None
        nginx = Nginx(layout, state.port, site.env, read_by_nginx)
        parts = [
            *(postgres.parts() if state.stage >= 2 else []),
            *caches,
            *([nginx.part()] if state.stage >= 3 else []),
            *site.parts(),
        ]
        notes = [note] if (note := nginx.edge.report) else []
        return cls(layout, site, postgres, parts, notes)


def require_programs(stage: int, *, sentinels: bool = False) -> None:
    """Check that the servers of a stage are installed and recent enough.

    Raises ``ClusterError`` if there is no such stage, or if it has no Redis for ``sentinels``,
    ``MissingPackage`` and ``OutdatedProgram``.
    """
    if stage not in STAGES:
        raise ClusterError(f"There is no Stage {stage}: choose one from 1 to 5.")
    if sentinels and stage < 5:
        raise ClusterError("Sentinels watch Redis, which only Stage 5 has.")
    needed = [each for since, names in PROGRAMS.items() if stage >= since for each in names]
    executables.require(needed)


def choose_port(port: int | None) -> int:
    """Return the port that was asked for; a free one for 0, and 8000 or a free one for ``None``.

    Raises ``ClusterError`` if the port that was asked for is in use.
    """
    if port is None:
        return DEFAULT_PORT if _is_free(DEFAULT_PORT) else free_port()
    if port and not _is_free(port):
        raise ClusterError(f"Port {port} is in use. Leave --port out to get a free one.")
    return port or free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
