"""The OpenAPI document says of every operation what a generated client needs."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from openapi_spec_validator import validate

from minigram_site.api.openapi.problems import declared, merged
from tests.openapi import METHODS, document, operations

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
NAMES = Path(__file__).parent / "operations.txt"


def views(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and class of each view of the API, with parameters as the document has them."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/v1/"):
            view: Any = pattern.callback
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), view.cls


def test_it_is_openapi() -> None:
    validate(document())


def test_every_view_and_each_of_its_methods_is_in_it() -> None:
    served = {(m, path) for path, view in views() for m in METHODS if hasattr(view, m)}
    assert served == {(method, path) for method, path, _ in operations()}


def test_operations_keep_their_names() -> None:
    named = [
        f"{operation['operationId']} {method.upper()} {path}"
        for method, path, operation in operations()
    ]
    assert sorted(named) == NAMES.read_text("utf-8").splitlines()
    ids = [line.split()[0] for line in named]
    assert len(set(ids)) == len(ids)
    crud = re.compile(r"_(retrieve|destroy|partial_update|\d+)$")
    assert [one for one in ids if crud.search(one)] == []


def test_every_operation_declares_its_errors_in_the_one_schema() -> None:
    codes = set(document()["components"]["schemas"]["ProblemCode"]["enum"])
    for _, path, operation in operations():
        responses, name = operation["responses"], operation["operationId"]
        errors = {status for status in responses if status >= "4"}
        assert errors - {"default"} == set(operation["x-problem-codes"]), name
        assert {"503", "default"} <= errors, name
        assert all(responses[status]["content"] == PROBLEM for status in errors), name
        assert codes >= set().union(*operation["x-problem-codes"].values()), name
        assert ("404" in errors) or "{" not in path, name
        assert ("401" in errors) or operation["security"] == [{}], name
        bodies = {"400", "413", "415"}
        assert (bodies <= errors) or "requestBody" not in operation, name


def test_every_write_is_limited_and_says_so() -> None:
    for method, _, operation in operations():
        responses, name = operation["responses"], operation["operationId"]
        if method != "get":
            assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(
                responses["429"]["headers"]
            ), name
        for status, response in responses.items():
            headers = set(response["headers"])
            assert "X-Request-ID" in headers, name
            assert ("RateLimit" in headers) is (
                "429" in responses and (status < "3" or status == "429")
            ), name
            assert ("Retry-After" in headers) is (status in {"429", "503"}), name
            assert ("Location" in headers) is status.startswith("3"), name


def test_headers_that_clients_send_are_parameters() -> None:
    keyed, readers = set(), set()
    for method, _, operation in operations():
        sent = {one.get("$ref", "").rpartition("/")[2] for one in operation.get("parameters", ())}
        done = [r for status, r in operation["responses"].items() if status < "3"]
        if "IdempotencyKey" in sent:
            keyed.add(operation["operationId"])
        if "ReadAfter" in sent:
            readers.add(operation["operationId"])
            assert method == "get" or all("X-Read-After" in one["headers"] for one in done)
    promised = {"photos_create", "photos_create_from_media", "media_create"}
    assert keyed >= {*promised, "photos_comments_create", "me_albums_create"}
    with_token = {o["operationId"] for _, _, o in operations() if o["security"] != [{}]}
    assert readers == with_token


def test_a_body_has_one_type_and_what_is_answered_one_schema() -> None:
    for _, _, operation in operations():
        name = operation["operationId"]
        assert len(operation.get("requestBody", {}).get("content", {"": 0})) == 1, name
        bodies = {
            str(response["content"])
            for status, response in operation["responses"].items()
            if status < "3" and "content" in response
        }
        assert len(bodies) <= 1, name


def test_it_says_where_the_site_is_and_whose(settings: Any) -> None:
    assert [server["url"] for server in document()["servers"]] == [settings.SITE_URL]
    assert document()["info"]["contact"] == {"name": settings.SITE_NAME, "url": settings.SITE_URL}
    assert document()["info"]["license"]["name"] == "MIT"
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    used = [operation["tags"] for _, _, operation in operations()]
    assert all(len(tags) == 1 for tags in used)
    assert {tag for tags in used for tag in tags} == set(described)


def test_texts_are_texts_in_every_language() -> None:
    schemas = document()["components"]["schemas"]
    changes = schemas["PatchedChangesRequest"]["properties"]
    assert changes["website"]["type"] == "string"
    assert {"avatar"}.isdisjoint(changes)
    alternatives = {"oneOf", "anyOf"}
    for name, schema in schemas.items():
        for field, details in schema.get("properties", {}).items():
            assert alternatives.isdisjoint(details), f"{name}.{field}"
            # openapi-typescript would have clients send it always.
            assert "default" not in details or not name.endswith("Request"), f"{name}.{field}"
        assert not re.search(r"\d$|[0-9a-f]{3}Enum$", name), name


def test_a_view_declares_the_problems_that_it_raises() -> None:
    """In its own source: what the functions raise that it calls is seen by ``DocumentedClient``."""
    found = 0
    for path, view in views():
        for method in METHODS:
            handler = getattr(view, method, None)
            for status, code in raised(inspect.unwrap(handler)) if handler else ():
                known = merged(declared(view), declared(handler))
                assert code in known.get(status, ()), f"{method} {path} raises {status} {code}"
                found += 1
    assert found > 5


def raised(function: Any) -> Iterator[tuple[int, str]]:
    """Yield status and code of each ``Problem`` that is written out in a function."""
    tree = ast.parse(dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
            match node.args[:2]:
                case [ast.Constant(value=int(status)), ast.Constant(value=str(code))]:
                    yield status, code
