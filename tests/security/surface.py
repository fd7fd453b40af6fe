"""What can be attacked: every address of pages and API as the owner of an account asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.matrix.rules import Ask
from tests.matrix.scene import Scene
from tests.matrix.tables import TABLE


@dataclass(frozen=True)
class Call:
    """One request of the matrix: the address by name and path, and what is sent there."""

    name: str
    path: str
    method: str
    body: Mapping[str, Any]
    has_body: bool

    @property
    def is_api(self) -> bool:
        """Whether it is the JSON API's."""
        return self.name.startswith("api-")

    def __str__(self) -> str:
        """Return how a fault names it."""
        return f"{self.method} {self.name}"


def calls(scene: Scene) -> Iterator[Call]:
    """Return every call that the tables of the matrix know, with the scene's things in it."""
    for name, address in TABLE.items():
        path = reverse(name, kwargs=address.args(scene))
        for ask in address.asks:
            yield Call(name, path, ask.method, _body(scene, ask), ask.body is not None)


def page_calls(scene: Scene) -> Iterator[Call]:
    """Return the calls of pages."""
    return (call for call in calls(scene) if not call.is_api)


def api_calls(scene: Scene) -> Iterator[Call]:
    """Return the calls of the API."""
    return (call for call in calls(scene) if call.is_api)


@contextmanager
def answer_to(client: Client, call: Call, **changes: Any) -> Iterator[HttpResponseBase]:
    """Send a call and take back what it did once its answer has been looked at.

    ``changes`` may be ``path``, ``body`` or ``query``, and ``headers`` of the request.
    """
    cache.clear()
    path, body = changes.get("path", call.path), changes.get("body", call.body)
    headers = changes.get("headers", {})
    if query := changes.get("query", {}):
        path += "?" + "&".join(f"{key}={value}" for key, value in query.items())
    send = getattr(client, call.method.lower())
    with transaction.atomic():
        if call.is_api and call.method != "GET":
            sent = {"content_type": "application/json"} if call.has_body or body else {}
            body = body if sent else None
            answer = send(path, body, headers=headers, **sent)
        else:
            answer = send(path, body, headers=headers)
        yield answer
        if answer.streaming:
            content_of(answer)  # a file is closed once it was sent
        transaction.set_rollback(True)


def content_of(answer: HttpResponseBase) -> bytes:
    """Return the whole body of an answer."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def _body(scene: Scene, ask: Ask) -> Mapping[str, Any]:
    return (ask.body(scene) if callable(ask.body) else ask.body) or {}
