"""Error responses of the whole site.

Under ``/api/`` every error is one JSON shape (RFC 9457 problem details with a stable ``code``);
elsewhere it is a page with a link that leads on.
"""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.csrf import requires_csrf_token

# How Django's reasons begin for a form that another site may have sent.
_FROM_ELSEWHERE = ("Origin checking", "Referer checking")
PROBLEM_TYPE = "application/problem+json"


class TooManyRequests(Exception):
    """A limit is reached; ``wait`` seconds from now there is room again. Answered with a 429."""

    def __init__(self, wait: float) -> None:
        """Take the seconds to wait."""
        super().__init__(f"A limit is reached for {wait:.0f} seconds.")
        self.wait = wait


def problem(
    status: int, code: str, detail: str, errors: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the body of an API error.

    ``errors`` holds lists of ``{"code": …, "detail": …}`` by field.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return body if errors is None else {**body, "errors": errors}


def respond(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """Return an error as JSON for a request to the API, as a page for any other. No query."""
    if request.path.startswith("/api/"):
        content = orjson.dumps(problem(status, code, detail))
        return HttpResponse(content, status=status, content_type=PROBLEM_TYPE)
    return render(request, f"errors/{status}.html", {"detail": detail}, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 for a malformed request (``handler400``); a ``BadRequest`` brings its sentence."""
    detail = str(exception) if isinstance(exception, BadRequest) else ""
    return respond(
        request, 400, "bad_request", detail or gettext("The request couldn’t be understood.")
    )


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 403 (``handler403``) with the sentence of the exception, if it has one."""
    return respond(
        request, 403, "forbidden", str(exception) or gettext("You’re not allowed to do this.")
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a form without a valid CSRF token: there was a log-in since, or no cookie.

    The page offers to send what was typed, except after a form of another site.
    """
    if request.path.startswith("/api/") or reason.startswith(_FROM_ELSEWHERE):
        detail = gettext("This form has expired. Go back, reload the page and send it again.")
        return respond(request, 403, "form_expired", detail)
    detail = gettext(
        "This form had expired. Nothing is lost: check who you’re logged in as, and carry on."
    )
    return _form_again(request, {"heading": gettext("Send it again?"), "detail": detail})


def logged_out(request: HttpRequest, log_in: str) -> HttpResponse:
    """Return 403 for what a member sent whose session is over; ``log_in`` is an address.

    The page links it and offers to send what was typed afterwards.
    """
    detail = gettext("Log in in another tab, then carry on here. Nothing is lost.")
    context = {"heading": gettext("You’ve been logged out"), "detail": detail, "log_in": log_in}
    return _form_again(request, context)


def typed_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values of a form that was sent, without passwords and the token."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if "password" not in name and name != "csrfmiddlewaretoken"
    ]


def _form_again(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Return 403 with a form that sends ``typed_fields`` again. Files are to be chosen anew."""
    fields = typed_fields(request)
    words = [value for _, value in fields if len(value.split()) > 1]
    context |= {"fields": fields, "words": words}
    return render(request, "errors/form_again.html", context, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 (``handler404``) in words that do not reveal whether the object exists."""
    return respond(request, 404, "not_found", gettext("There is nothing here for you to see."))


def too_large(request: HttpRequest) -> HttpResponse:
    """Return 413 with the limit."""
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    detail = gettext("This is too large to send. A photo can have up to %(limit)s MB.") % {
        "limit": limit
    }
    return respond(request, 413, "too_large", detail)


def too_many_requests(request: HttpRequest, wait: float | None) -> HttpResponse:
    """Return 429 with the seconds to wait, in the text and as ``Retry-After``."""
    seconds = max(1, ceil(wait or 1))
    response = respond(request, 429, "throttled", wait_sentence(seconds))
    response.headers["Retry-After"] = str(seconds)
    return response


def wait_sentence(seconds: int) -> str:
    """Return what people are told who have to wait, in the largest unit that says it.

    Rounded up: who waits as long as it says does not meet the limit again at once.
    """
    size = next((size for size, most in _SMALLER.items() if seconds > most), 1)
    number = ceil(seconds / size)
    if number == 1:
        return str(_IN_ONE[size])
    return _in_some(size, number) % {"number": number}


# Units in seconds, and how many seconds are told in a smaller one: 59 minutes, but no 60.
_SMALLER = {86_400: 82_800, 3600: 3540, 60: 59}
_IN_ONE = {
    1: gettext_lazy("That was a lot at once. Try again in a second."),
    60: gettext_lazy("That was a lot at once. Try again in a minute."),
    3600: gettext_lazy("That was a lot at once. Try again in an hour."),
    86_400: gettext_lazy("That was a lot at once. Try again in a day."),
}


def _in_some(size: int, number: int) -> str:
    """Return the sentence for several of a unit, which has ``size`` seconds."""
    if size == 1:
        return ngettext(
            "That was a lot at once. Try again in %(number)s second.",
            "That was a lot at once. Try again in %(number)s seconds.",
            number,
        )
    if size == 60:
        return ngettext(
            "That was a lot at once. Try again in %(number)s minute.",
            "That was a lot at once. Try again in %(number)s minutes.",
            number,
        )
    if size == 3600:
        return ngettext(
            "That was a lot at once. Try again in %(number)s hour.",
            "That was a lot at once. Try again in %(number)s hours.",
            number,
        )
    return ngettext(
        "That was a lot at once. Try again in %(number)s day.",
        "That was a lot at once. Try again in %(number)s days.",
        number,
    )


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 without a query, as the database may be what failed."""
    detail = gettext("Something went wrong on our side. We’ve made a note of it.")
    return respond(request, 500, "server_error", detail)
