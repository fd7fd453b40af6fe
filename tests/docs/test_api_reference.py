"""The API reference says what the OpenAPI document says."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from docs.site.api_reference import api_reference, type_of


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    written = StringIO()
    call_command("spectacular", stdout=written)
    read: dict[str, Any] = yaml.safe_load(written.getvalue())
    return read


def test_every_operation_and_every_type_has_a_section(document: dict[str, Any]) -> None:
    reference = api_reference(document)
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"`{method.upper()} {path}`" in reference
    for name in document["components"]["schemas"]:
        assert f"(type-{name.lower()})=\n### {name}\n" in reference


def test_an_operation_shows_parameters_body_answers_and_who_may_call() -> None:
    operation = {
        "summary": "Publish",
        "description": "From a file.",
        "tags": ["photos"],
        "security": [{}],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "description": "a|b", "schema": {"type": "integer"}},
        ],
        "requestBody": {"content": {"multipart/form-data": {"schema": _named("Upload")}}},
        "responses": {
            "204": {"description": "No response body"},
            "201": {"description": "", "content": {"application/json": {"schema": _named("A")}}},
        },
    }
    document = {"paths": {"/photos/": {"post": operation}}, "components": {"schemas": {}}}
    lines = api_reference(document).splitlines()
    assert lines[: lines.index("## Types")] == [
        "## Photos",
        "",
        "### Publish",
        "",
        "`POST /photos/`, without a token",
        "",
        "From a file.",
        "",
        "| Parameter | In | Type | Meaning |",
        "|---|---|---|---|",
        "| **`id`** | path | string |  |",
        "| `limit` | query | integer | a\\|b |",
        "",
        "Body: [Upload](#type-upload), as `multipart/form-data`.",
        "",
        "| Answer | Body |",
        "|---|---|",
        "| 201 | [A](#type-a) |",
        "| 204 | No response body |",
        "",
    ]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "format": "uri", "nullable": True}, "address or null"),
        (
            {"type": "string", "minLength": 1, "maxLength": 9},
            "string, length at least 1, length at most 9",
        ),
        ({"type": "string", "pattern": "^a|b$"}, "string, `^a\\|b$`"),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Photo"}},
            "list of [Photo](#type-photo)",
        ),
        ({"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True}, "[A](#type-a) or null"),
        ({"type": "string", "enum": ["on", "off"]}, "`on` or `off`"),
        ({}, "object"),
    ],
)
def test_a_type_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_of(schema) == words


def _named(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
