"""The state of each part of a cluster: its process, memory, health and replication lag."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import psycopg

from infra.cluster.cluster import Cluster
from infra.cluster.servers.part import Part

HEADINGS = ("NAME", "ROLE", "PORT OR SOCKET", "PID", "MEMORY", "HEALTH", "LAG")


@dataclass(frozen=True)
class Row:
    """The state of one part, as text."""

    name: str
    role: str
    address: str
    pid: str
    memory: str
    health: str
    lag: str

    def cells(self) -> tuple[str, ...]:
        """Return the texts in the order of ``HEADINGS``."""
        return (self.name, self.role, self.address, self.pid, self.memory, self.health, self.lag)


def rows(cluster: Cluster) -> list[Row]:
    """Return the state of every part, all probed at once.

    Takes some seconds if a part hangs. Raises ``ClusterError`` if no cluster is up.
    """
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda part: _row(cluster, part), cluster.parts))


def table(found: Sequence[Row]) -> str:
    """Return the rows and their headings as text in aligned columns."""
    lines = [HEADINGS, *(row.cells() for row in found)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _row(cluster: Cluster, part: Part) -> Row:
    process = cluster.state.processes.get(part.name)
    if process is None or not process.alive:
        health = "never started" if process is None else "down"
        return Row(part.name, part.role, part.address, "-", "-", health, "-")
    tree = process.tree()
    return Row(
        name=part.name,
        role=part.role_now() if part.role_now else part.role,
        address=part.address,
        pid=str(process.pid),
        memory=f"{sum(map(_memory, tree)) / 2**20:.0f} MB",
        health=_health(part, tree),
        lag=_lag(cluster, part.name) if part.name.startswith("replica") else "-",
    )


def _health(part: Part, tree: Sequence[psutil.Process]) -> str:
    if tree and tree[0].status() == psutil.STATUS_STOPPED:
        return "paused"
    return "ok" if part.is_ready() else "does not answer"


def _memory(process: psutil.Process) -> int:
    """Return a process's proportional set size in bytes, which counts shared memory once in all."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _lag(cluster: Cluster, name: str) -> str:
    try:
        behind, seconds = cluster.lag(name)
    except psycopg.Error:
        return "unknown"
    return f"{behind} B, {seconds:.1f} s"
