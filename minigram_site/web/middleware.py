"""Rules for every request and answer that no app owns."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse

from minigram_site.counters import ANSWERS
from minigram_site.db import context
from minigram_site.storage.local import StorageUnavailable
from minigram_site.web import outages
from minigram_site.web.errors import respond, too_large

PERMISSIONS_POLICY = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
# Room for the other fields of a form that carries a file of the largest accepted size.
FORM_OVERHEAD = 256 * 1024
# How much of a refused body is read and thrown away, so that the browser gets to see the answer
# instead of a reset connection.
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


def answers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count answers, and apart from the others those that needed no SQL.

    On PostgreSQL only, whose engine sees each statement. Costs two microseconds.
    ``social.feed.fast_path`` counts those that never come here.
    """
    if connection.vendor != "postgresql":
        raise MiddlewareNotUsed
    count = {
        (api, asked): ANSWERS.labels("api" if api else "page", "sql" if asked else "no_sql").inc
        for api in (True, False)
        for asked in (True, False)
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        work = context.current()
        work.asked = False
        response = get_response(request)
        count[request.path.startswith("/api/"), work.asked]()
        return response

    return middleware


class Faults:
    """Answer with a sentence, not a 500, when storage or database fail. The API has its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Change nothing about answers that succeed."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for a fault of storage or database, ``None`` for any other."""
        if outages.is_outage(error):
            return outages.answer(request, error)
        if not isinstance(error, StorageUnavailable):
            return None
        return respond(request, error.status, error.code, error.sentence)


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
