"""How operations and their errors are described in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from minigram_site.web.errors import PROBLEM_TYPE

_TEXT = {"type": "string"}
_FAULT = {
    "type": "object",
    "properties": {"code": _TEXT, "detail": _TEXT},
    "required": ["code", "detail"],
}
# As ``minigram_site.web.errors.problem`` makes it.
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457); `code` is for programs, `detail` for people.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "errors": {
            "type": "object",
            "description": "Faults by field.",
            "additionalProperties": {"type": "array", "items": _FAULT},
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_CONTENT = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


class StatedSchema(AutoSchema):
    """drf-spectacular's description of a view, without docstrings, which are for its developers.

    Public is what ``extend_schema`` is given as ``summary`` and ``description``.
    """

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return nothing: ``extend_schema`` overrides this where it is given a description."""
        return ""


def with_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return the document with the one shape of errors as any other answer of each operation."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                if status >= "4":
                    response["content"] = _CONTENT
            responses["default"] = {"description": "A problem.", "content": _CONTENT}
    return result
