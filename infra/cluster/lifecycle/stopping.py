"""Stop parts in order: fronts first, databases last, each in the way that loses nothing."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from infra.cluster.processes.process import Process

# One part alone: gunicorn gives its requests 120 s to end (infra/gunicorn.conf.py).
STOP_SECONDS = 130
# All of them: nobody can send requests any more, and those at work get this long.
DOWN_SECONDS = 30
# nginx: QUIT finishes the requests in its hands. PostgreSQL: INT is its "fast" shutdown, which ends
# sessions and makes the data safe. All others: TERM.
SIGNALS = {
    "nginx": signal.SIGQUIT,
    "postgres": signal.SIGINT,
    "replica1": signal.SIGINT,
    "replica2": signal.SIGINT,
}
ORDER = (
    {"nginx"},
    {"web1", "web2", "web3", "worker", "keeper"},
    {"replica1", "replica2"},
    {"postgres", "redis"},
)


def stop(name: str, process: Process, seconds: float = STOP_SECONDS) -> None:
    """Stop one part and wait until it and its children are gone."""
    process.end(SIGNALS.get(name, signal.SIGTERM), seconds)


def stop_all(parts: Mapping[str, Process]) -> None:
    """Stop all of these parts."""
    with ThreadPoolExecutor(max(map(len, ORDER))) as pool:
        for group in ORDER:
            names = sorted(group & parts.keys())
            list(pool.map(lambda name: stop(name, parts[name], DOWN_SECONDS), names))
