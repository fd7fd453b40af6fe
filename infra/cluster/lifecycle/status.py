"""What each part of a cluster is doing now."""

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
    """One part, as it is shown."""

    name: str
    role: str
    where: str
    pid: str
    memory: str
    health: str
    lag: str

    def cells(self) -> tuple[str, ...]:
        """Return what is shown, in the order of ``HEADINGS``."""
        return (self.name, self.role, self.where, self.pid, self.memory, self.health, self.lag)


def rows(cluster: Cluster) -> list[Row]:
    """Ask every part how it is, all at once. Takes some seconds if one of them hangs."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda part: _row(cluster, part), cluster.parts))


def table(found: Sequence[Row]) -> str:
    """Return the rows as text in columns."""
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
        return Row(part.name, part.role, part.where, "-", "-", health, "-")
    family = process.family()
    return Row(
        name=part.name,
        role=part.role,
        where=part.where,
        pid=str(process.pid),
        memory=f"{sum(map(_memory, family)) / 2**20:.0f} MB",
        health=_health(part, family),
        lag=_lag(cluster, part.name) if part.name.startswith("replica") else "-",
    )


def _health(part: Part, family: Sequence[psutil.Process]) -> str:
    if family and family[0].status() == psutil.STATUS_STOPPED:
        return "paused"
    return "ok" if part.answers() else "does not answer"


def _memory(process: psutil.Process) -> int:
    """Return its share of the memory: what several processes share is counted once in all."""
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
