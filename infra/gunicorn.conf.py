"""gunicorn's settings for every stage; what differs is read from the environment.

``BIND`` (an address or ``unix:/path``) or ``HOST`` and ``PORT``, ``WEB_CONCURRENCY`` (processes),
``THREADS`` (requests at once in each), ``INSTANCES`` (how many gunicorns share the database, this
one included), ``PIN_WORKERS`` (each process on one CPU), ``ACCESS_LOG``.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


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

# The user and the group may connect to the socket: whoever can, can say who a request comes from.
# nginx's user is made a member of the group (infra/README.md).
umask = 0o007


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker with threads; when it stops, nobody who has come is turned away.

    gunicorn stops to accept with connections still waiting in the listening socket, and closes
    that socket when it has finished the others: a request that nginx has already sent over one of
    them would be lost, and a POST is never sent twice. Here they are taken in first.
    """

    alive: bool

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Stop accepting, which happens in full rooms and at the end."""
        super().set_accept_enabled(enabled)
        orphaned = self.ppid != os.getppid()
        if not enabled and (orphaned or not self.alive):
            self.alive = False
            for listener in self.sockets:
                with suppress(OSError):
                    self._take_in(listener, orphaned=orphaned)

    def _take_in(self, listener: Any, *, orphaned: bool) -> None:
        """Accept whoever waits.

        Nobody new comes: the parent has taken the socket's name away, or else (workers that are
        replaced) others go on accepting. A parent that was killed could not, so we refuse.
        """
        if orphaned and listener.FAMILY == socket.AF_UNIX:
            listener.shutdown(socket.SHUT_RD)
        before = -1
        while before != self.nr_conns:
            before = self.nr_conns
            self.accept(listener)


# Threads wait for the database and for decoders without holding up others; one process is enough
# for one SQLite file, more of them use more cores on PostgreSQL.
worker_class = Worker
workers = number("WEB_CONCURRENCY", 1, 1, 64)
threads = number("THREADS", 8, 1, 128)
instances = number("INSTANCES", 1, 1, 32)

# Linux only; elsewhere the system decides.
pin_workers = switch("PIN_WORKERS", default="true")
CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]

# The site is loaded once and shared by all workers; database connections open after the fork,
# with the first request.
preload_app = True
# Longer than nginx keeps a connection (infra/nginx/http.conf): the side that sends requests is the
# one to hang up.
keepalive = 75
# A stopping instance finishes what it has; the longest is an upload that waits a minute for its
# turn and then becomes pictures.
graceful_timeout = 120
timeout = 60
# The heartbeat file of a worker must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# gunicorn's control socket is one for each user of the machine; several sites would fight for it.
control_socket_disable = True

# Whether a request came by HTTPS is decided at one place, by TRUSTED_PROXIES; nothing that a client
# sends changes what gunicorn itself believes.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# The id is the one in the answer, in nginx's log and in the site's (minigram_site.request_ids).
# No query strings: they hold what people search for, and sometimes secrets.
accesslog = "-" if switch("ACCESS_LOG") else None
access_log_format = "%(t)s id=%({x-request-id}o)s %(m)s %(U)s %(s)s %(B)s bytes %(D)s us"
proc_name = "minigram"


def on_starting(server: Any) -> None:
    """Refuse to start more processes than PostgreSQL has connections for."""
    from infra.ops.connection_budget import find_excess

    if excess := find_excess(instances=instances, processes=workers):
        sys.exit(f"MiniGram cannot start: {excess}")


def when_ready(server: Any) -> None:
    """Warn of a socket whose visitors cannot be told apart: they have no address of their own."""
    behind_proxy = number("TRUSTED_PROXIES", 0, 0, 5) > 0
    if any(listener.FAMILY == socket.AF_UNIX for listener in server.LISTENERS) and not behind_proxy:
        server.log.warning(
            "BIND is a Unix socket, but TRUSTED_PROXIES is 0: all visitors share the same limits."
        )


def pre_fork(server: Any, worker: Any) -> None:
    """Leave it nothing to share, and choose a CPU for the coming worker: the least used one.

    A Python process runs on one CPU at a time in any case, and threads that hand it from one CPU
    to the next cost more than their work: the feed took 3.4 ms of CPU per request with eight
    threads on two CPUs and 1.5 ms on one (docs/adr/0011-workers-stay-on-one-cpu.md).
    """
    _hang_up()
    taken = [getattr(other, "cpu", None) for other in server.WORKERS.values()]
    worker.cpu = min(range(len(CPUS)), key=lambda cpu: (taken.count(cpu), cpu))


def _hang_up() -> None:
    """Close what the parent has opened: two processes on one connection would mix their answers."""
    from django.core.cache import caches
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        # PostgreSQL's pool has threads, which do not live on in a child.
        getattr(connection, "close_pool", lambda: None)()
    caches.close_all()


def post_fork(server: Any, worker: Any) -> None:
    """Keep the worker on its CPU; sites with other ``INSTANCE_ID`` begin with another one."""
    if pin_workers and len(CPUS) > 1:
        first = number("INSTANCE_ID", 0, 0, 31)
        os.sched_setaffinity(0, {CPUS[(first + worker.cpu) % len(CPUS)]})
