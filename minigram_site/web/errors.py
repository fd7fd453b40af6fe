"""What people and programs get when a request cannot be answered.

Under ``/api/`` every error is one JSON shape (RFC 9457 problem details with a stable ``code``);
elsewhere it is a page with a way on.
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
from django.views.decorators.csrf import requires_csrf_token

PROBLEM_TYPE = "application/problem+json"


def problem(
    status: int, code: str, detail: str, errors: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the one shape of API errors; ``errors`` holds the faults by field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return body if errors is None else {**body, "errors": errors}


def respond(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """Return an error as the page or the JSON that the request's address calls for."""
    if request.path.startswith("/api/"):
        content = orjson.dumps(problem(status, code, detail))
        return HttpResponse(content, status=status, content_type=PROBLEM_TYPE)
    return render(request, f"errors/{status}.html", {"detail": detail}, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request itself is broken; a sentence meant for people is shown."""
    detail = str(exception) if isinstance(exception, BadRequest) else ""
    return respond(request, 400, "bad_request", detail or "The request could not be understood.")


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403; a sentence given with the exception is shown."""
    return respond(request, 403, "forbidden", str(exception) or "You may not do this.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without its token: mostly cookies are off or the page is old."""
    detail = "The form has expired. Go back, reload the page and send it again."
    return respond(request, 403, "form_expired", detail)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, in the same words whether it never was, is gone, or is not theirs to know."""
    return respond(request, 404, "not_found", "There is nothing at this address for you.")


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413 with the limit."""
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    detail = f"This is too large to send. A photo may have up to {limit} MB."
    return respond(request, 413, "too_large", detail)


def too_many_requests(request: HttpRequest, wait: float | None) -> HttpResponse:
    """Answer 429 with the seconds to wait."""
    seconds = max(1, ceil(wait or 1))
    detail = f"That was a bit fast. Try again in {seconds} seconds."
    response = respond(request, 429, "throttled", detail)
    response.headers["Retry-After"] = str(seconds)
    return response


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database, which may be what failed."""
    detail = "Something went wrong on our side. It has been noted."
    return respond(request, 500, "server_error", detail)
