"""The errors of operations in the OpenAPI document: statuses, codes, and the schema ``Problem``.

What every operation of a kind may answer follows from the operation (``of_operation``); what one
view refuses for reasons of its own, it says by ``refuses``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, TypeVar

from minigram_site.web.errors import PROBLEM_TYPE

Codes = dict[int, frozenset[str]]
Decorated = TypeVar("Decorated", bound=Callable[..., Any] | type)

_ATTRIBUTE = "problem_codes"

ANYWHERE: Codes = {
    400: frozenset({"bad_request"}),
    404: frozenset({"not_found"}),
    405: frozenset({"method_not_allowed"}),
    406: frozenset({"not_acceptable"}),
    411: frozenset({"length_required"}),
    500: frozenset({"server_error"}),
    # nginx's own words, where no instance answers, or not in time.
    502: frozenset({"unavailable"}),
    503: frozenset({"database_unavailable", "unavailable"}),
    504: frozenset({"timed_out"}),
}
# Of these the document speaks at each operation; of the others once, as ``default``.
_ALWAYS_SHOWN = frozenset({406, 503})
_OF_TOKENS = frozenset(
    {"not_authenticated", "token_not_valid", "bad_authorization_header", "authentication_failed"}
)
_OF_BODIES: Codes = {
    400: frozenset({"invalid", "parse_error", "incomplete_body"}),
    413: frozenset({"too_large"}),
    415: frozenset({"unsupported_media_type", "unsupported_charset"}),
}
_OF_PAGES: Codes = {400: frozenset({"invalid_cursor", "invalid_limit"})}
_OF_IDEMPOTENCY: Codes = {
    400: frozenset({"invalid_idempotency_key"}),
    409: frozenset({"idempotency_in_progress", "idempotency_key_reused"}),
    422: frozenset({"idempotency_key_reused"}),
}
OF_PICTURES: Codes = {
    413: frozenset({"file_too_large"}),
    503: frozenset({"busy", "storage_unavailable"}),
    507: frozenset({"storage_full"}),
}


def refuses(status: int, *codes: str) -> Callable[[Decorated], Decorated]:
    """Return a decorator: this view, or method of one, answers with ``status`` and these codes."""

    def declare(decorated: Decorated) -> Decorated:
        known = declared(decorated)
        found = {**known, status: known.get(status, frozenset()) | frozenset(codes)}
        setattr(decorated, _ATTRIBUTE, found)
        return decorated

    return declare


def refuses_pictures(field_codes: Iterable[str]) -> Callable[[Decorated], Decorated]:
    """Return a decorator: this method takes pictures, and refuses them (422) with these codes."""

    def declare(decorated: Decorated) -> Decorated:
        for status, codes in OF_PICTURES.items():
            refuses(status, *codes)(decorated)
        return refuses(422, *field_codes)(decorated)

    return declare


def declared(decorated: Any) -> Codes:
    """Return what a view or one of its methods has declared by ``refuses``."""
    codes: Codes = getattr(decorated, _ATTRIBUTE, {})
    return codes


def merged(*parts: Codes) -> Codes:
    """Return all codes of several, by status."""
    found: Codes = {}
    for part in parts:
        for status, codes in part.items():
            found[status] = found.get(status, frozenset()) | codes
    return found


def of_operation(
    operation: dict[str, Any],
    *,
    has_token: bool,
    writes: bool,
    is_limited: bool,
    is_idempotent: bool,
) -> Codes:
    """Return what each operation of this kind may answer: by its token, body, parameters, limit.

    A write is not found (404) whose account is deleted meanwhile.
    """
    parameters = {(one.get("name"), one.get("in")) for one in operation.get("parameters", ())}
    found: Codes = {status: ANYWHERE[status] for status in _ALWAYS_SHOWN}
    if has_token:
        found = merged(found, {401: _OF_TOKENS})
    if "requestBody" in operation:
        found = merged(found, _OF_BODIES)
    if ("cursor", "query") in parameters:
        found = merged(found, _OF_PAGES)
    if any(place == "query" for _, place in parameters):
        found = merged(found, {400: frozenset({"invalid"})})
    if any(place == "path" for _, place in parameters) or (has_token and writes):
        found = merged(found, {404: ANYWHERE[404]})
    if is_limited:
        found = merged(found, {429: frozenset({"throttled"})})
    return merged(found, _OF_IDEMPOTENCY) if is_idempotent else found


def responses(codes: Codes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield status and description of each error response, and that of all others (``default``)."""
    for status in sorted(codes):
        named = ", ".join(f"`{code}`" for code in sorted(codes[status]))
        text = f"{HTTPStatus(status).phrase}: {named}."
        yield str(status), {"description": text, "content": CONTENT}
    yield "default", {"description": "Any other problem.", "content": CONTENT}


def schemas(codes: Iterable[str]) -> dict[str, Any]:
    """Return the schemas of problems; ``codes`` are those that operations have declared."""
    everywhere = merged(ANYWHERE, {401: _OF_TOKENS}, _OF_BODIES)
    known = set(codes).union(*everywhere.values())
    return {
        "Problem": _PROBLEM,
        "ProblemCode": {
            "type": "string",
            "enum": sorted(known),
            "description": "What went wrong, for programs. A later version may know more of them: "
            "take one that you do not know for its `status`.",
        },
        "Fault": {
            "type": "object",
            "description": "What is wrong with the value of one field.",
            "properties": {"code": _TEXT, "detail": _TEXT},
            "required": ["code", "detail"],
        },
    }


_TEXT = {"type": "string"}
# As ``minigram_site.web.errors.problem`` makes it.
_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457); `code` is for programs, `detail` for people.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {"$ref": "#/components/schemas/ProblemCode"},
        "detail": _TEXT,
        "errors": {
            "type": "object",
            "description": "Faults by field.",
            "additionalProperties": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Fault"},
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
CONTENT = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
