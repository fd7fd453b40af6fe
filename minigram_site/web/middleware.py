"""Middleware for all requests: size of bodies, shared headers, counts, service errors."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse

from minigram_site.counters import ANSWERS
from minigram_site.db.context import current_context
from minigram_site.web import outages
from minigram_site.web.errors import TooManyRequests, too_large, too_many_requests

PERMISSIONS_POLICY = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
# Room for the other fields of a form that carries a file of the largest accepted size.
FORM_OVERHEAD = 256 * 1024
# How much of a refused body is read and discarded, so that the browser shows the answer instead
# of a connection that was reset.
DRAINED_BYTES = 64 * 1024 * 1024


def site_rules(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse bodies over the limit before they are parsed; add headers that all answers share."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _is_too_large(request):
            _drain(request)
            response = too_large(request)
        else:
            response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


def count_answers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count answers by page or API, and by whether they needed SQL.

    On PostgreSQL only, whose engine instruments each statement: raises ``MiddlewareNotUsed`` on
    SQLite. Costs two microseconds a request. Answers that are given before Django are counted
    where they are given.
    """
    if connection.vendor != "postgresql":
        raise MiddlewareNotUsed
    count = {
        (api, ran_sql): ANSWERS.labels("api" if api else "page", "sql" if ran_sql else "no_sql").inc
        for api in (True, False)
        for ran_sql in (True, False)
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        context = current_context()
        context.ran_sql = False
        response = get_response(request)
        count[request.path.startswith("/api/"), context.ran_sql]()
        return response

    return middleware


class UnavailableErrors:
    """Answers with a sentence instead of a 500 when storage, database or a limit stops a page.

    API views turn these errors into answers themselves (``minigram_site.api.errors``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the next handler's response as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for one of these errors, ``None`` for any other."""
        if isinstance(error, TooManyRequests):
            return too_many_requests(request, error.wait)
        return outages.answer_to(request, error)


def _is_too_large(request: HttpRequest) -> bool:
    length = _content_length(request)
    if request.content_type == "multipart/form-data":
        return length > settings.MAX_UPLOAD_BYTES + FORM_OVERHEAD
    return length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _drain(request: HttpRequest) -> None:
    left = min(_content_length(request), DRAINED_BYTES)
    while left > 0 and (chunk := request.read(min(left, 65536))):
        left -= len(chunk)
