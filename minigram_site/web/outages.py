"""Outages of database and storage: which errors mean one, what clients get, and what is logged.

Every request then answers 503 with ``Retry-After``, or 507 where there is no room, whichever part
of it met the error. Errors of the code (a statement that is wrong, a table that is missing) stay
errors 500.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Collection

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token

from minigram_site.db.context import current_context
from minigram_site.db.postgresql import prepared
from minigram_site.storage import as_unavailable
from minigram_site.web import errors

logger = logging.getLogger(__name__)

CODE = "database_unavailable"
# A commit that took too long may have succeeded nevertheless.
SENTENCE = _(
    "The site can’t reach its data at the moment. It should be back soon. If you were saving "
    "something, check first whether it is there before you try again."
)
RETRY_AFTER = 5
# An outage is logged at most once in so many seconds.
LOG_INTERVAL = 10.0

# PostgreSQL's SQLSTATEs: connection, resources, operator intervention (stopping, time-outs),
# system errors; deadlock and serialization; lock not available; time-out in a transaction;
# a server that only reads, because it has become, or is still, a replica.
_SQLSTATE_CLASSES = {"08", "53", "57", "58", "40"}
_SQLSTATES = {"55P03", "25P03", "25006"}
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
_UNIQUE_VIOLATION = "23505"


def is_outage(error: BaseException) -> bool:
    """Return whether ``error`` says that the database is down, overloaded, locked or stopping.

    A transaction that a migration has ended, as one of its statements no longer fits, is one too:
    the client's next try succeeds. So is an id that was made twice: nothing was written, and the
    next attempt has another id.
    """
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)
        return code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY or code & 0xFF in _SQLITE_CODES
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        return isinstance(error, OperationalError)
    if cause.sqlstate == _UNIQUE_VIOLATION:
        return (cause.diag.constraint_name or "").endswith("_pkey")
    known = cause.sqlstate[:2] in _SQLSTATE_CLASSES or cause.sqlstate in _SQLSTATES
    return known or prepared.is_outgrown(error)


def answer_to(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Return the answer to an error that is none of the code's; ``None`` for any other.

    That is an outage (503), a disk without room (507), or a client that hung up while it was
    sending (400, which nobody reads). No query.
    """
    if is_outage(error):
        return answer(request, error)
    if isinstance(error, UnreadablePostError):
        return errors.bad_request(request, error)
    unavailable = as_unavailable(error)
    if unavailable is None:
        return None
    if unavailable is not error:
        logger.error("There is no room left: %s", error)
    refused = errors.respond(
        request, unavailable.status, unavailable.code, str(unavailable.sentence)
    )
    mark_as_logged(refused)
    return refused


def answer(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Log the outage and return the 503 for a request that met ``error``. No query."""
    log_outage(error)
    return response(request)


def response(request: HttpRequest) -> HttpResponse:
    """Return the 503 without logging anything. No query."""
    unavailable = errors.respond(request, 503, CODE, str(SENTENCE))
    unavailable.headers["Retry-After"] = str(RETRY_AFTER)
    mark_as_logged(unavailable)
    return unavailable


def mark_as_logged(response: HttpResponse) -> None:
    """Keep Django from logging this answer: an outage is logged once, not for each request."""
    response._has_been_logged = True  # type: ignore[attr-defined]


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Return the answer to an unhandled error: 503 or 507 in an outage, else 500.

    This is ``handler500``, so that it covers middleware as well as views. No query.
    """
    error = sys.exc_info()[1]
    known = answer_to(request, error) if error is not None else None
    return known or errors.server_error(request)


def log_outage(error: BaseException) -> None:
    """Log an outage: the first at once, then at most one line in ``LOG_INTERVAL`` seconds.

    Nothing is logged for a request that only reads, as another server can answer it as well
    (``minigram_site.web.read_your_writes``).
    """
    if not current_context().may_use_replica:
        _log(" ".join(str(error).split()) or type(error).__name__)


def log_failed_read(aliases: Collection[str]) -> None:
    """Log that none of these servers could answer a read; as seldom as ``log_outage``."""
    _log(f"no server answers reads ({', '.join(sorted(aliases))})")


def _log(reason: str) -> None:
    if count := _unlogged.due():
        logger.error("The database cannot be used (%s times since last logged): %s", count, reason)


class _UnloggedCount:
    """The number of outages since the last line of the log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._due_at = 0.0

    def due(self) -> int:
        """Count one more; return the number if it is time for a line, else 0."""
        with self._lock:
            self._count += 1
            if time.monotonic() < self._due_at:
                return 0
            self._due_at = time.monotonic() + LOG_INTERVAL
            count, self._count = self._count, 0
            return count


_unlogged = _UnloggedCount()
