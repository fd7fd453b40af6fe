"""Stops parts in order: the proxy first, databases last, each by the signal that loses nothing."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from infra.cluster.processes.process import Process

# One part alone: gunicorn gives its requests 120 s to end (infra/gunicorn.conf.py).
STOP_SECONDS = 130
# The whole cluster: no new request can come, and those in progress get this long.
DOWN_SECONDS = 30
# nginx: QUIT finishes the requests in progress. PostgreSQL: INT is its "fast" shutdown, which ends
# sessions and writes a checkpoint. All others: TERM.
SIGNALS = {
    "nginx": signal.SIGQUIT,
    "postgres": signal.SIGINT,
    "replica1": signal.SIGINT,
    "replica2": signal.SIGINT,
}
ORDER = (
    {"nginx"},
    {"web1", "web2", "web3", "worker", "keeper"},
    # Before what they watch: nobody is to take its place.
    {"sentinel1", "sentinel2", "sentinel3"},
    {"replica1", "replica2", "redis2"},
    {"postgres", "redis"},
)


def stop(name: str, process: Process, seconds: float = STOP_SECONDS) -> None:
    """Stop the part ``name`` and wait until it and its children have ended; kill it after that."""
    process.terminate(SIGNALS.get(name, signal.SIGTERM), seconds)


def stop_all(processes: Mapping[str, Process]) -> None:
    """Stop the processes of these parts, group by group."""
    with ThreadPoolExecutor(max(map(len, ORDER))) as pool:
        for group in ORDER:
            names = sorted(group & processes.keys())
            list(pool.map(lambda name: stop(name, processes[name], DOWN_SECONDS), names))
