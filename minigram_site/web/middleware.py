"""Middleware for all requests: refused bodies, shared headers, counts, service errors."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from minigram_site.counters import ANSWERS
from minigram_site.db import deleted_rows
from minigram_site.db.context import current_context
from minigram_site.web import outages
from minigram_site.web.bodies.refused import refusal
from minigram_site.web.errors import TooManyRequests, not_found, too_many_requests

PERMISSIONS_POLICY = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"


def site_rules(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse bodies that cannot be carried out; add headers that all answers share."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = refusal(request) or get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and _is_page(response):
            response.headers.setdefault("Cache-Control", _kept_by_browsers(request))
        return response

    return middleware


def _is_page(response: HttpResponse) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith("text/html")


def _kept_by_browsers(request: HttpRequest) -> str:
    """Return how browsers may keep what a member is answered: not beyond the log-out.

    "Back" asks again for what may not be stored, unless no cookie has changed since: then browsers
    may show the page as it was left, with the rows that htmx has added. They do not if the script
    of the page was given something that may not be stored either, hence the other rule for rows.
    """
    return "private, no-cache" if request.headers.get("HX-Request") else "private, no-store"


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


class ContentSecurityPolicy(CSPMiddleware):
    """The policy of the site, put together once; its own for a page that asks for another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Put the policy of the settings together."""
        super().__init__(get_response)
        self.policy = build_policy()
        self.excluded = tuple(settings.CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"])

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the header, unless there is one or the address has none."""
        if hasattr(request, "_csp_nonce") or any(
            name.startswith("_csp") for name in vars(response)
        ):
            return super().process_response(request, response)
        if not request.path_info.startswith(self.excluded):
            response.headers.setdefault(HEADER, self.policy)
        return response


class UnavailableErrors:
    """Answers with a sentence instead of a 500 when storage, database, a row or a limit says no.

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
        if deleted_rows.names_one(error):
            deleted_rows.log(error)
            return not_found(request, error)
        return outages.answer_to(request, error)
