"""gunicorn's settings for every stage; values that differ between hosts are variables.

``BIND`` (an address or ``unix:/path``) or ``HOST`` and ``PORT``, ``WEB_CONCURRENCY`` (processes),
``THREADS`` (concurrent requests in each), ``INSTANCES`` (how many gunicorns share the database,
this one included), ``PIN_WORKERS`` (each process on one CPU), ``ACCESS_LOG``.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from infra.serving import OVERHEAD, Worker
from minigram_site.logs.json_lines import JsonLines
from minigram_site.logs.paths import without_secrets


def number(name: str, default: int, lowest: int, highest: int) -> int:
    """Return the variable ``name`` as a number; exit with a message if it is not in this range."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        sys.exit(f"MiniGram cannot start: {name} must be a number from {lowest} to {highest}.")
    return int(text)


def switch(name: str, *, default: str = "false") -> bool:
    """Return the variable ``name`` as a boolean; exit with a message if it is none."""
    text = (os.environ.get(name) or default).lower()
    if text not in {"true", "false"}:
        sys.exit(f"MiniGram cannot start: {name} must be true or false.")
    return text == "true"


bind = os.environ.get("BIND") or (
    f"{os.environ.get('HOST') or '127.0.0.1'}:{number('PORT', 8000, 1, 65535)}"
)

# The user and the group may connect to the socket: a process that can connect can also claim any
# client address. nginx's user is made a member of the group (infra/README.md).
umask = 0o007


# Threads wait for the database and for decoders without blocking each other; one process suffices
# for one SQLite file, and more processes use more cores on PostgreSQL.
worker_class = Worker
Worker.largest_body = number("MAX_UPLOAD_MB", 30, 1, 500) * 1024 * 1024 + OVERHEAD
workers = number("WEB_CONCURRENCY", 1, 1, 64)
threads = number("THREADS", 8, 1, 128)
instances = number("INSTANCES", 1, 1, 32)

# After how many new containers Python looks for cycles among them; how many times it does so before
# it looks through those that have stayed, and again before all. Requests leave few cycles behind.
COLLECTOR = (10_000, 20, 20)

# Linux only; other systems have no affinity to set.
pin_workers = switch("PIN_WORKERS", default="true")
CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]

# The site is loaded once and shared by all workers; database connections are opened after the
# fork, by the first request.
preload_app = True
# Seconds, longer than nginx keeps a connection (infra/nginx/http.conf): the side that sends
# requests must be the one that closes.
keepalive = 75
# Seconds for the requests of a stopping instance; the longest is an upload that waits a minute for
# its turn and is then processed.
graceful_timeout = 120
timeout = 60
# The heartbeat file of a worker must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# gunicorn has one control socket for each user of the machine, which several sites would share.
control_socket_disable = True

# TRUSTED_PROXIES alone decides whether a request came by HTTPS: gunicorn itself trusts no header.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# Lines as the site's: see LOG_LEVEL in infra/example.env.
json_lines = os.environ.get("LOG_LEVEL", "").endswith(",json")

# Characters of paths that are logged as they are; a line feed, which would forge a line, is not.
PATH_CHARACTERS = "%/:@!$&'()*+,;=~[]"


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log, with paths as they were sent: one line for each request, whatever it asks."""

    def setup(self, cfg: Any) -> None:
        """Let lines about gunicorn itself look as those of the site do."""
        super().setup(cfg)
        if json_lines:
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonLines())

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> Any:
        """Return the parts of a line by name; ``U`` is the path without query and secrets."""
        path = environ["RAW_URI"].partition("?")[0]
        shown = quote(path, safe=PATH_CHARACTERS, encoding="latin-1", errors="replace")
        atoms = super().atoms(resp, req, environ, request_time)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return atoms | {"U": without_secrets(shown), "time": now}


logger_class = AccessLog
# All that nginx lets through (8000 bytes) gets a page of ours; longer lines get a bare 400.
limit_request_line = 8190

# The id is that of the X-Request-ID header, of nginx's log and of the site's. Query strings are
# left out: they hold what people search for, and sometimes secrets.
accesslog = "-" if switch("ACCESS_LOG") else None
access_log_format = (
    '{"time":"%(time)s","id":"%({x-request-id}o)s","method":"%(m)s","uri":"%(U)s",'
    '"status":%(s)s,"bytes":%(B)s,"seconds":%(L)s}'
    if json_lines
    else "%(t)s id=%({x-request-id}o)s %(m)s %(U)s %(s)s %(B)s bytes %(D)s us"
)
proc_name = "minigram"


def on_starting(server: Any) -> None:
    """Exit with a message if PostgreSQL has too few connections for all processes."""
    from infra.ops.connection_budget import find_excess

    if excess := find_excess(instances=instances, processes=workers):
        sys.exit(f"MiniGram cannot start: {excess}")


def when_ready(server: Any) -> None:
    """Warn of variables that nothing reads, and if all clients share one rate limit."""
    from infra.ops.site_variables import unread

    for name, meant in unread(os.environ).items():
        server.log.warning("%s is set, and nothing reads it. %s", name, meant and f"{meant}?")
    behind_proxy = number("TRUSTED_PROXIES", 0, 0, 5) > 0
    if any(listener.FAMILY == socket.AF_UNIX for listener in server.LISTENERS) and not behind_proxy:
        server.log.warning(
            "BIND is a Unix socket, but TRUSTED_PROXIES is 0: all visitors share the same limits."
        )


def pre_fork(server: Any, worker: Any) -> None:
    """Close the parent's connections, and choose the CPU with the fewest workers for the new one.

    A Python process runs on one CPU at a time in any case, and threads that move the interpreter
    lock from one CPU to another cost more than their work: the feed took 3.4 ms of CPU per request
    with eight threads on two CPUs and 1.5 ms on one (docs/adr/0011-workers-stay-on-one-cpu.md).
    """
    _close_connections()
    taken = [getattr(other, "cpu", None) for other in server.WORKERS.values()]
    worker.cpu = min(range(len(CPUS)), key=lambda cpu: (taken.count(cpu), cpu))


def _close_connections() -> None:
    """Close the connections of this process: two processes must not share one after the fork."""
    from django.core.cache import caches
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        # The threads of PostgreSQL's pool do not survive a fork.
        getattr(connection, "close_pool", lambda: None)()
    caches.close_all()


def post_fork(server: Any, worker: Any) -> None:
    """Pin the worker to its CPU; the ``INSTANCE_ID`` shifts the CPU that a site begins with.

    Python's collector no longer looks through what was loaded before the fork, nor through
    everything that a process keeps of photos each time that a quarter has been added: a profile
    took a tenth of its time for that, and a single request a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTOR)
    if pin_workers and len(CPUS) > 1:
        first = number("INSTANCE_ID", 0, 0, 31)
        os.sched_setaffinity(0, {CPUS[(first + worker.cpu) % len(CPUS)]})
