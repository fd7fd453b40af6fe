"""The OpenAPI document in tests, and a client that holds each answer against it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

METHODS = ("get", "post", "put", "patch", "delete")
# Of these the document speaks once, as of any other problem (``default``).
ELSEWHERE = {405, 411, 500}
# Not those of cameras, which know no time zone.
OTHER_TIMES = re.compile(rb'"[0-9]{4}-[^"]{6,12}:[0-9.]+[+-][0-9:]+"')


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document as a client reads it, made once."""
    made = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    read: dict[str, Any] = json.loads(json.dumps(made))
    return read


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of each operation."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


class DocumentedClient(APIClient):
    """DRF's client; fails where an answer is none that the document has.

    Status and ``code`` of an error have to be those that the operation declares, and all times in
    the one form.
    """

    def request(self, **kwargs: Any) -> Any:
        """Return the answer to a request."""
        response = super().request(**kwargs)
        operation = _operation_of(response)
        if operation is not None and response.status_code not in ELSEWHERE:
            _require_declared(operation, response)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            assert not OTHER_TIMES.findall(response.content), "a time that does not end in .000Z"
        return response


def _operation_of(response: Any) -> dict[str, Any] | None:
    """Return the operation that was asked, ``None`` for a method or address that has none."""
    try:
        match = resolve(urlsplit(response.request["PATH_INFO"]).path)
    except Resolver404:
        return None
    if not match.route.startswith("api/v1/"):
        return None
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route)
    found: dict[str, Any] | None = (
        document()["paths"].get(path, {}).get(response.request["REQUEST_METHOD"].lower())
    )
    return found


def _require_declared(operation: dict[str, Any], response: Any) -> None:
    status, name = str(response.status_code), operation["operationId"]
    assert status in operation["responses"], f"{name} does not declare {status}"
    if response.status_code >= 400:
        declared = operation["x-problem-codes"][status]
        assert response.json()["code"] in declared, f"{name}: {response.json()} of {declared}"
