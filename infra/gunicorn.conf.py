"""gunicorn's settings for every stage; what differs is read from the environment.

``BIND`` (an address or ``unix:/path``) or ``HOST`` and ``PORT``, ``WEB_CONCURRENCY`` (processes),
``THREADS`` (requests at once in each), ``PIN_WORKERS`` (each process on one CPU), ``ACCESS_LOG``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def number(name: str, default: int, lowest: int, highest: int) -> int:
    """Return the variable ``name`` as a number; stop with a message if it is not in range."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        sys.exit(f"MiniGram cannot start: {name} must be a number from {lowest} to {highest}.")
    return int(text)


def switch(name: str, *, default: str = "false") -> bool:
    """Return the variable ``name`` as a yes or no; stop with a message if it is neither."""
    text = (os.environ.get(name) or default).lower()
    if text not in {"true", "false"}:
        sys.exit(f"MiniGram cannot start: {name} must be true or false.")
    return text == "true"


bind = os.environ.get("BIND") or (
    f"{os.environ.get('HOST') or '127.0.0.1'}:{number('PORT', 8000, 1, 65535)}"
)

# Threads wait for the database and for decoders without holding up others; one process is enough
# for one SQLite file, more of them use more cores on PostgreSQL.
worker_class = "gthread"
workers = number("WEB_CONCURRENCY", 1, 1, 64)
threads = number("THREADS", 8, 1, 128)

# Linux only; elsewhere the system decides.
pin_workers = switch("PIN_WORKERS", default="true")
CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]

# The site is loaded once and shared by all workers; database connections open after the fork,
# with the first request.
preload_app = True
keepalive = 75
graceful_timeout = 30
timeout = 60
# The heartbeat file of a worker must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# gunicorn's control socket is one for each user of the machine; several sites would fight for it.
control_socket_disable = True

accesslog = "-" if switch("ACCESS_LOG") else None
proc_name = "minigram"


def pre_fork(server: Any, worker: Any) -> None:
    """Choose a CPU for the coming worker: the one that the fewest of the others have.

    A Python process runs on one CPU at a time in any case, and threads that hand it from one CPU
    to the next cost more than their work: the feed took 3.4 ms of CPU per request with eight
    threads on two CPUs and 1.5 ms on one (docs/adr/0011-workers-stay-on-one-cpu.md).
    """
    taken = [getattr(other, "cpu", None) for other in server.WORKERS.values()]
    worker.cpu = min(range(len(CPUS)), key=lambda cpu: (taken.count(cpu), cpu))


def post_fork(server: Any, worker: Any) -> None:
    """Keep the worker on its CPU; sites with other ``INSTANCE_ID`` begin with another one."""
    if pin_workers and len(CPUS) > 1:
        first = number("INSTANCE_ID", 0, 0, 31)
        os.sched_setaffinity(0, {CPUS[(first + worker.cpu) % len(CPUS)]})
