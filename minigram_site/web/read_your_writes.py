"""Middleware for sites with replicas: sends reads to them, and lets clients read their writes.

The answer to a request that wrote carries the LSN after the write, signed: in a cookie for
browsers, in a header for API clients. A client sends it back with its next requests, which are
then answered by servers that have caught up with it. For clients that do not, the LSN is recorded
by account (``minigram_site.db.lsn``). The signature keeps clients from sending all their reads to
the primary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connections
from django.http import HttpRequest, HttpResponse

from minigram_site.db import lsn, monitor
from minigram_site.db.context import RequestContext, current_context, request_context
from minigram_site.memory_cache import remember_short
from minigram_site.web import outages

HEADER = "X-Read-After"
COOKIE = "read_after"
# Far longer than a replica may lag (``minigram_site.db.replica_set.MAX_LAG_SECONDS``).
COOKIE_SECONDS = 60
# The admin's users decide by what they see; health and metrics report on the primary.
_PRIMARY_ONLY_PATHS = ("/admin/", "/healthz", "/readyz", "/metrics")

Handler = Callable[[HttpRequest], HttpResponse]


def route_reads(get_response: Handler) -> Handler:
    """Open a request context for each request: those that only read may use replicas.

    Without replicas it does nothing and costs nothing.
    """
    if not settings.REPLICAS:
        return get_response

    def middleware(request: HttpRequest) -> HttpResponse:
        monitor.get_monitor().start()
        read_after = request.headers.get(HEADER) or request.COOKIES.get(COOKIE, "")
        with request_context(
            may_use_replica=only_reads(request), required_lsn=verified_lsn(read_after)
        ) as context:
            response = _answer(get_response, request, context)
            _attach_lsn(request, response, context)
        return response

    return middleware


@contextmanager
def read_only_request(read_after: str) -> Iterator[None]:
    """Open the context of a request that only reads, where it is answered before the middleware.

    ``read_after`` is the value of the header ``HEADER``, empty if the client has sent none.
    """
    if not settings.REPLICAS:
        yield
        return
    monitor.get_monitor().start()
    with request_context(may_use_replica=True, required_lsn=verified_lsn(read_after)):
        yield


class FailedReads:
    """Keeps a read that met an outage out of the log: ``route_reads`` repeats it."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the next handler's response as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a 503 for a read that ``route_reads`` will repeat, ``None`` for all else.

        Only an outage is one: a statement that is wrong is logged, and a 500 if no other server
        answers it.
        """
        context = current_context()
        if not (context.may_use_replica and context.failed_aliases):
            return None
        return outages.response(request) if outages.is_outage(error) else None


def only_reads(request: HttpRequest) -> bool:
    """Return whether a replica may answer the request."""
    return request.method in {"GET", "HEAD"} and not request.path.startswith(_PRIMARY_ONLY_PATHS)


@remember_short(entries=1024, longest=128)
def verified_lsn(read_after: str) -> int:
    """Return the LSN in a cookie or header that this site has signed; 0 for anything else."""
    if not read_after:
        return 0
    try:
        return int(_signer().unsign(read_after))
    except BadSignature:
        return 0


def signed_lsn(written_lsn: int) -> str:
    """Return the value of the cookie or header for an LSN."""
    return _signer().sign(str(written_lsn))


@cache
def _signer() -> Signer:
    return Signer(salt="minigram_site.web.read_your_writes")


def _answer(get_response: Handler, request: HttpRequest, context: RequestContext) -> HttpResponse:
    """Return the response; a read that a server fails is repeated, at most once per server.

    Logged is only an outage of all of them.
    """
    response = get_response(request)
    for _ in range(len(settings.REPLICAS) + 1):
        if response.status_code < 500 or not context.failed_aliases or not context.may_use_replica:
            return response
        _exclude_failed(context)
        response = get_response(request)
    if response.status_code == 503 and context.failed_aliases:
        outages.log_failed_read(context.failed_aliases | context.excluded_aliases)
    return response


def _exclude_failed(context: RequestContext) -> None:
    """Close the connections to servers that failed, and choose again, without them."""
    for alias in context.failed_aliases:
        connections[alias].close()
    context.excluded_aliases |= context.failed_aliases
    context.failed_aliases.clear()
    context.chosen_alias = ""


def _attach_lsn(request: HttpRequest, response: HttpResponse, context: RequestContext) -> None:
    """Give the client the LSN after what it wrote, and record it for its account."""
    if not context.has_written:
        return
    written_lsn = lsn.committed_lsn_or_bound()
    if context.user_id:
        lsn.record_write(context.user_id, written_lsn, replayed_by_all=monitor.replayed_by_all())
    read_after = signed_lsn(written_lsn)
    if request.path.startswith("/api/"):
        response.headers[HEADER] = read_after
    else:
        response.set_cookie(
            COOKIE,
            read_after,
            max_age=COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
