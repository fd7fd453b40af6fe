"""What each stage consists of."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.processes.oneshot import Tasks
from infra.cluster.servers.nginx import Cache, Front
from infra.cluster.servers.part import Part
from infra.cluster.servers.postgres import Servers
from infra.cluster.servers.site import Site
from infra.cluster.state import State
from infra.project import free_port

STAGES = (1, 2, 3, 4, 5)
USUAL_PORT = 8000
REPLICAS = ("replica1", "replica2")
# What a stage needs beside Python, from this stage on.
PROGRAMS = {2: executables.POSTGRESQL, 3: ("nginx",), 5: ("redis-server",)}


@dataclass(frozen=True)
class Plan:
    """What a stage consists of, in one data folder."""

    layout: Layout
    site: Site
    servers: Servers
    parts: list[Part]

    @classmethod
    def of(cls, data: Path, state: State, tasks: Tasks) -> Plan:
        """Make it for what is written down."""
        layout = Layout(data, Path(state.run))
        replicas = REPLICAS if state.stage >= 4 else ()
        servers = Servers(layout, tasks, replicas, state.delays)
        databases = [servers.url(name) for name in ("postgres", *replicas)]
        cache = Cache(layout)
        site = Site(
            layout=layout,
            stage=state.stage,
            port=state.port,
            databases=databases if state.stage >= 2 else [],
            redis=cache.url if state.stage >= 5 else "",
            extra=state.env,
        )
        parts = [
            *(servers.parts() if state.stage >= 2 else []),
            *([cache.part()] if state.stage >= 5 else []),
            *([Front(layout, state.port, site.env).part()] if state.stage >= 3 else []),
            *site.parts(),
        ]
        return cls(layout, site, servers, parts)


def require_programs(stage: int) -> None:
    """Raise ``MissingPackage`` if a server of this stage is not installed."""
    if stage not in STAGES:
        raise ClusterError(f"There is no Stage {stage}: choose one from 1 to 5.")
    needed = [each for since, names in PROGRAMS.items() if stage >= since for each in names]
    executables.require(needed)


def choose_port(port: int | None) -> int:
    """Return the port that was asked for, or the usual one, or a free one."""
    if port is None:
        return USUAL_PORT if _is_free(USUAL_PORT) else free_port()
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
