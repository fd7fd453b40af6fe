"""API errors in one shape: status, stable ``code``, a sentence, and errors by field."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler
from rest_framework_simplejwt.exceptions import InvalidToken

from minigram_site.db import deleted_rows
from minigram_site.fields.text import clean
from minigram_site.storage import as_unavailable
from minigram_site.web import outages
from minigram_site.web.bodies import refused
from minigram_site.web.errors import PROBLEM_TYPE, TooManyRequests, problem, wait_sentence

_SENTENCES = {
    exceptions.NotFound: "There is nothing at this address for you.",
    exceptions.ParseError: "The body of the request could not be read.",
    InvalidToken: "This access token is not valid or has expired: refresh it, or log in again.",
}


class Problem(exceptions.APIException):
    """An error with its own status, code and sentence.

    ``errors`` holds lists of ``{"code", "detail"}`` by field; ``wait`` is the number of seconds
    after which to try again.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: dict[str, Any] | None = None,
        wait: int | None = None,
    ) -> None:
        """Keep the parts of the response."""
        super().__init__(detail, code)
        self.status_code = status
        self.errors = errors
        # DRF's handler makes this the Retry-After of the response.
        self.wait = wait


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to ``error``, or ``None`` for an error of the code, which is a 500.

    This is DRF's ``EXCEPTION_HANDLER``; ``context`` is DRF's and not read here.
    """
    error = _as_api_error(error)
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    response.data = _body(error, response.status_code)
    response.content_type = PROBLEM_TYPE
    if response.data["code"] == outages.CODE:
        outages.mark_as_logged(response)
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", 'Bearer realm="api"')
    return response


def _as_api_error(error: Exception) -> Exception:
    """Return the ``APIException`` for ``error``; an error of the code is returned as it is."""
    if isinstance(error, ModelValidationError):
        return exceptions.ValidationError(as_serializer_error(error))
    if deleted_rows.names_one(error):
        deleted_rows.log(error)
        return exceptions.NotFound()
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args)
    if isinstance(error, TooManyRequests | exceptions.Throttled):
        return _throttled(getattr(error, "wait", None))
    return _as_problem(error) or error


def _throttled(wait: float | None) -> Problem:
    seconds = max(1, ceil(wait or 1))
    return Problem(429, "throttled", wait_sentence(seconds), wait=seconds)


def _as_problem(error: Exception) -> Problem | None:
    """Return the ``Problem`` for a body, storage or database that failed, ``None`` for all else."""
    if unavailable := as_unavailable(error):
        wait = 60 if unavailable.status == 503 else None
        return Problem(unavailable.status, unavailable.code, str(unavailable.sentence), wait=wait)
    if isinstance(error, UnreadablePostError):
        return Problem(400, refused.CODE, refused.SENTENCE)
    if outages.is_outage(error):
        outages.log_outage(error)
        return Problem(503, outages.CODE, str(outages.SENTENCE), wait=outages.RETRY_AFTER)
    return None


def _body(error: exceptions.APIException, status: int) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        faults = _by_field(error.get_full_details())
        return problem(status, _only_code(faults), "Some values are not accepted.", faults)
    errors: dict[str, Any] | None = getattr(error, "errors", None)
    return problem(status, _code(error), _SENTENCES.get(type(error)) or _sentence(error), errors)


def _by_field(details: Any) -> dict[str, Any]:
    """Return DRF's nested details as lists of ``{"code", "detail"}`` by field."""
    if not isinstance(details, dict) or "message" in details:
        details = {"non_field_errors": details}
    return {field: list(_faults(found)) for field, found in details.items()}


def _faults(found: Any) -> Any:
    if isinstance(found, dict) and "message" in found:
        # A sentence may quote what was sent, even half of a surrogate pair, which no JSON holds.
        yield {"code": str(found["code"]), "detail": clean(str(found["message"]))}
    elif isinstance(found, dict):
        for part in found.values():
            yield from _faults(part)
    else:
        for part in found:
            yield from _faults(part)


def _only_code(errors: dict[str, Any]) -> str:
    """Return the code of a faulty cursor or limit for the whole response, else ``invalid``."""
    special = {"invalid_cursor", "invalid_limit"}
    codes = {fault["code"] for faults in errors.values() for fault in faults}
    return next(iter(codes & special), "invalid")


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    if isinstance(codes, dict):
        codes = codes.get("code", error.default_code)
    return str(codes)


def _sentence(error: exceptions.APIException) -> str:
    detail: Any = error.detail
    if isinstance(detail, dict):
        detail = detail.get("detail", error.default_detail)
    return str(detail)
