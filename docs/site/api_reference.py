"""Markdown of the API reference, made from the OpenAPI document that drf-spectacular writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

REFERENCE = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")


def api_reference(document: Node) -> str:
    """Return the reference as MyST Markdown with headings from the second level on.

    ``document`` is a parsed OpenAPI 3.0 document whose operations have a summary and one tag.
    Raises ``KeyError`` where it lacks a part that the reference shows.
    """
    shared = document["components"].get("parameters", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            _resolve(operation, shared)
    return "\n".join([*_operations(document["paths"]), *_schemas(document["components"])])


def _resolve(operation: Node, shared: Node) -> None:
    """Put parameters that operations share in the place of their references."""
    operation["parameters"] = [
        shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation.get("parameters", ())
    ]


def _operations(paths: Node) -> Iterator[str]:
    """Yield the lines of all operations: one section per tag, sorted by name."""
    tagged: dict[str, list[tuple[str, str, Node]]] = defaultdict(list)
    for path, operations in paths.items():
        for method in METHODS:
            if operation := operations.get(method):
                tagged[operation["tags"][0]].append((path, method, operation))
    for tag in sorted(tagged):
        yield f"## {tag.capitalize()}\n"
        for path, method, operation in tagged[tag]:
            yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: Node) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method.upper()} {path}`{_access(operation)}\n"
    yield f"{operation.get('description', '')}\n"
    if parameters := operation.get("parameters"):
        yield "| Parameter | In | Type | Meaning |\n|---|---|---|---|"
        for parameter in parameters:
            name = _name(parameter["name"], required=parameter.get("required", False))
            place, type_name = parameter["in"], type_of(parameter["schema"])
            yield f"| {name} | {place} | {type_name} | {_cell(parameter.get('description', ''))} |"
        yield ""
    if body := operation.get("requestBody"):
        kinds = " or ".join(f"`{kind}`" for kind in body["content"])
        yield f"Body: {_contents(body)}, as {kinds}.\n"
    yield "| Answer | Body |\n|---|---|"
    for status, response in sorted(operation["responses"].items()):
        # All errors have one body: what tells them apart is said in words.
        body = "" if status[0] in "45" else _contents(response)
        yield f"| {status} | {body or _cell(response['description'])} |"
    yield ""


def _access(operation: Node) -> str:
    """Return who may call: an empty requirement among the alternatives means everybody."""
    return ", without a token" if {} in operation["security"] else ""


def _contents(holder: Node) -> str:
    """Return the types of a body or an answer, each named once."""
    types = [type_of(content["schema"]) for content in holder.get("content", {}).values()]
    return " or ".join(dict.fromkeys(types))


def _schemas(components: Node) -> Iterator[str]:
    yield "## Types\n"
    yield "A field in **bold** is required in a request and always there in an answer.\n"
    for name, schema in sorted(components["schemas"].items()):
        yield f"(type-{name.lower()})=\n### {name}\n"
        if "properties" not in schema:
            yield f"{type_of(schema)}\n"
            continue
        yield f"{schema.get('description', '')}\n"
        yield "| Field | Type | Meaning |\n|---|---|---|"
        required = schema.get("required", ())
        for field, details in schema["properties"].items():
            meaning = _cell(details.get("description", ""))
            yield f"| {_name(field, required=field in required)} | {type_of(details)} | {meaning} |"
        yield ""


def type_of(schema: Node) -> str:
    """Return a schema's type in words, with its limits; a named schema as a link to its section."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return f"[{name}](#type-{name.lower()})"
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return " or ".join(type_of(part) for part in schema[key]) + _null(schema)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"]) + _null(schema)
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    limits = [f"{words} {schema[key]}" for key, words in LIMITS.items() if key in schema]
    if "pattern" in schema:
        limits.append(f"`{_cell(schema['pattern'])}`")
    kind = FORMATS.get(schema.get("format", ""), str(schema.get("type", "object")))
    return ", ".join([kind, *limits]) + _null(schema)


LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "length at least",
    "maxLength": "length at most",
    "default": "default",
}
FORMATS = {
    "uri": "address",
    "email": "e-mail address",
    "date-time": "time (ISO 8601)",
    "binary": "file",
}


def _null(schema: Node) -> str:
    return " or null" if schema.get("nullable") else ""


def _name(name: str, *, required: bool) -> str:
    return f"**`{name}`**" if required else f"`{name}`"


def _cell(text: str) -> str:
    """Return a text for the cell of a table: one line, no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")
