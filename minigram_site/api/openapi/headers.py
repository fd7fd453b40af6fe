"""The headers of requests and answers in the OpenAPI document."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_SECONDS = {"type": "integer", "minimum": 1}

# Which each operation names as far as it has them. Keys are those of ``components``.
PARAMETERS = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Any text of your own: sent again with the same one within a day, the "
        "request is done once, and the first answer is repeated.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
    },
    "ReadAfter": {
        "name": "X-Read-After",
        "in": "header",
        "required": False,
        "description": "The last one that you were answered, as it is: you see what you wrote.",
        "schema": _TEXT,
    },
}
HEADERS = {
    "RequestId": {
        "description": "Under this the people who run the site find the request in their logs.",
        "schema": _TEXT,
    },
    "ReadAfter": {
        "description": "Send it with your next calls. Sites with several databases have it.",
        "schema": _TEXT,
    },
    "Replayed": {
        "description": "`true`: the first answer to this `Idempotency-Key`, repeated.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RetryAfter": {"description": "Seconds after which to try again.", "schema": _SECONDS},
    "RateLimit": {
        "description": 'What is left of the limit: `"write";r=118;t=1` are 118 requests, and it is '
        "whole again in a second. Where `r` is 0, `t` is `Retry-After`. As in "
        "draft-ietf-httpapi-ratelimit-headers-10.",
        "schema": _TEXT,
    },
    "RateLimitPolicy": {
        "description": 'The limit: `"write";q=120;w=60` are 120 requests at once, and as many '
        "within each 60 seconds that follow.",
        "schema": _TEXT,
    },
    "Location": {"description": "Where it is.", "schema": {"type": "string", "format": "uri"}},
    "Challenge": {"description": "How to log in.", "schema": _TEXT},
}


def add_parameters(operation: dict[str, Any], *, has_token: bool, is_idempotent: bool) -> None:
    """Add to an operation the headers that a client may send with it."""
    wanted = ["IdempotencyKey"] * is_idempotent + ["ReadAfter"] * has_token
    named = operation.get("parameters", [])
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in wanted]
    if named or shared:
        operation["parameters"] = [*named, *shared]


def add_to_responses(
    operation: dict[str, Any], *, writes: bool, is_limited: bool, is_idempotent: bool
) -> None:
    """Add to each response of an operation the headers that it has."""
    limits = {"RateLimit": "RateLimit", "RateLimit-Policy": "RateLimitPolicy"} if is_limited else {}
    done = {"X-Read-After": "ReadAfter"} if writes else {}
    if is_idempotent:
        done["Idempotency-Replayed"] = "Replayed"
    for status, response in operation["responses"].items():
        named = {"X-Request-ID": "RequestId", **_OF_STATUS.get(status, {})}
        if status < "3":
            named |= done | limits
        elif status == "429":
            named |= limits
        response["headers"] = {name: _reference(key) for name, key in named.items()}


# All that scripts of other origins may read.
ANSWER_HEADERS = [
    *("Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"),
    *("WWW-Authenticate", "X-Read-After", "X-Request-ID"),
]
_OF_STATUS = {
    "302": {"Location": "Location"},
    "303": {"Location": "Location"},
    "307": {"Location": "Location"},
    "401": {"WWW-Authenticate": "Challenge"},
    "429": {"Retry-After": "RetryAfter"},
    "503": {"Retry-After": "RetryAfter"},
}


def _reference(key: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{key}"}
