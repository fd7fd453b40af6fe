"""Middleware for sites with replicas: opens requests for reading; clients see their writes.

An answer to a request that wrote carries the position after the write: in a cookie for browsers,
in a header for API clients. Clients send it back; those that keep neither are remembered by
person (``minigram_site.db.lsn``). It is signed, so that nobody can send all their reads to
the primary.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse

from minigram_site.db import context, lsn, monitor
from minigram_site.db.context import RequestContext
from minigram_site.web import outages

HEADER = "X-Read-After"
COOKIE = "read_after"
# Far longer than a replica may lag (``minigram_site.db.replica_set.MAX_LAG_SECONDS``).
COOKIE_SECONDS = 60
# Staff decide by what they see; and health says how the primary is.
_NEVER = ("/admin/", "/healthz", "/readyz", "/metrics")

logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]


def reads(get_response: Handler) -> Handler:
    """Open requests that only read for the replicas. Without replicas it does nothing."""
    if not settings.REPLICAS:
        return get_response

    def middleware(request: HttpRequest) -> HttpResponse:
        monitor.get_monitor().start()
        carried = request.headers.get(HEADER) or request.COOKIES.get(COOKIE, "")
        with context.request_context(
            may_read=only_reads(request), position=position_in(carried)
        ) as work:
            response = _answer(get_response, request, work)
            _leave_position(request, response, work)
        return response

    return middleware


@contextmanager
def reading(carried: str) -> Iterator[None]:
    """Open a request that only reads, as ``reads`` does, for what answers before the middleware.

    ``carried`` is what the client has sent as ``HEADER``.
    """
    if not settings.REPLICAS:
        yield
        return
    monitor.get_monitor().start()
    with context.request_context(may_read=True, position=position_in(carried)):
        yield


class LostServers:
    """Keeps the log quiet about a server that failed a read, which is answered by another one."""

    def __init__(self, get_response: Handler) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Change nothing about answers that succeed."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for ``reads``, which will ask again elsewhere."""
        work = context.current()
        lost = isinstance(error, DatabaseError | InterfaceError) and work.lost
        if not (lost and work.may_read):
            return None
        return outages.response(request)


def only_reads(request: HttpRequest) -> bool:
    """Tell whether a request may be answered by a replica."""
    return request.method in {"GET", "HEAD"} and not request.path.startswith(_NEVER)


@lru_cache(maxsize=1024)
def position_in(text: str) -> int:
    """Return the position that a client carries; 0 where it is none of ours."""
    if not text:
        return 0
    try:
        return int(_signer().unsign(text))
    except BadSignature:
        return 0


def signed(position: int) -> str:
    """Return what a client is given to carry."""
    return _signer().sign(str(position))


@cache
def _signer() -> Signer:
    return Signer(salt="minigram_site.web.read_your_writes")


def _answer(get_response: Handler, request: HttpRequest, work: RequestContext) -> HttpResponse:
    """Answer; where a server fails a read, answer once more from another, as often as needed."""
    response = get_response(request)
    for _ in range(len(settings.REPLICAS) + 1):
        if response.status_code < 500 or not work.lost or not work.may_read:
            break
        _leave_servers(work)
        response = get_response(request)
    return response


def _leave_servers(work: RequestContext) -> None:
    """Close the connections that failed and choose again; the primary may have come back."""
    for alias in work.lost:
        connections[alias].close()
    work.avoided |= work.lost
    work.lost.clear()
    work.server = ""


def _leave_position(request: HttpRequest, response: HttpResponse, work: RequestContext) -> None:
    """Give the client the position after what it wrote, and remember it for its person."""
    if not work.wrote:
        return
    try:
        position = lsn.committed_lsn()
    except (DatabaseError, InterfaceError):
        logger.exception("The position after a write is not known.")
        position = monitor.upper_bound()
    if work.person:
        lsn.record(work.person, position, settled=monitor.replayed_by_all())
    text = signed(position)
    if request.path.startswith("/api/"):
        response.headers[HEADER] = text
    else:
        response.set_cookie(
            COOKIE,
            text,
            max_age=COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
