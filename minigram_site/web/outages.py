"""When the database cannot be used: what means that, what people get, what the log says.

Every request then answers 503 with ``Retry-After``, whichever part of it met the fault. Faults of
ours (a statement that is wrong, a table that is missing) stay errors 500.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import time

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import requires_csrf_token

from minigram_site.db import context
from minigram_site.web import errors

logger = logging.getLogger(__name__)

CODE = "database_unavailable"
SENTENCE = "The site cannot reach its data at the moment. It should be back soon: try again then."
RETRY_AFTER = 5
# The log tells of an outage at most that often.
TELL_EVERY = 10.0

# PostgreSQL's SQLSTATEs: connection, resources, operator intervention (stopping, time-outs),
# system errors; deadlock and serialization; lock not available; time-out in a transaction;
# a server that only reads, because it has become, or is still, a replica.
_CLASSES = {"08", "53", "57", "58", "40"}
_STATES = {"55P03", "25P03", "25006"}
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}


def is_outage(error: BaseException) -> bool:
    """Tell whether ``error`` says that the database is away, overloaded, locked or stopping."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_CODES
    if not isinstance(cause, psycopg.Error):
        return False
    state = cause.sqlstate
    if state is None:
        return isinstance(error, OperationalError)
    return state[:2] in _CLASSES or state in _STATES


def answer(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Return the 503 for a request that met ``error``. No query."""
    tell(error)
    return response(request)


def response(request: HttpRequest) -> HttpResponse:
    """Return the 503 itself. No query."""
    made = errors.respond(request, 503, CODE, SENTENCE)
    made.headers["Retry-After"] = str(RETRY_AFTER)
    mark_as_told(made)
    return made


def mark_as_told(response: HttpResponse) -> None:
    """Keep Django from logging this answer: an outage is told of once, not for each request."""
    response._has_been_logged = True  # type: ignore[attr-defined]


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nothing else has: 503 if the database is away, else 500. No query.

    This is ``handler500``, so that faults in middleware are met as those in views are.
    """
    error = sys.exc_info()[1]
    if error is not None and is_outage(error):
        return answer(request, error)
    return errors.server_error(request)


def tell(error: BaseException) -> None:
    """Log an outage: the first at once, then at most one line in ``TELL_EVERY`` seconds.

    A read that another server can answer as well is none (``minigram_site.web.read_your_writes``).
    """
    if context.current().may_read:
        return
    if count := _told.due():
        reason = " ".join(str(error).split()) or type(error).__name__
        logger.error("The database cannot be used (%s times since last told): %s", count, reason)


class _Told:
    """Counts outages between two lines of the log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._next = 0.0

    def due(self) -> int:
        """Count one more; return how many there were if it is time for a line, else 0."""
        with self._lock:
            self._count += 1
            if time.monotonic() < self._next:
                return 0
            self._next = time.monotonic() + TELL_EVERY
            count, self._count = self._count, 0
            return count


_told = _Told()
