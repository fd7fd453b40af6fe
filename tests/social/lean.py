"""The lean path before the ordinary one, for tests: who answered, and with what."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection

from accounts.api.tokens import issue
from accounts.models import User
from social.api.fast_writes import FastWrites
from social.feed.fast_path import HotReads

FEED = "/api/v1/feed/"
# A page that a member opens again: on PostgreSQL session and person are one statement.
ONE_LESS = 1 if connection.vendor == "postgresql" else 0


class Answer(NamedTuple):
    """What a client gets."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _hot(application: Callable[..., Iterable[bytes]]) -> HotReads:
    return HotReads(FastWrites(application))


class Site:
    """The site as gunicorn has it, and whether Django was asked."""

    def __init__(self, fast_path: Callable[[Any], Any] | None = None) -> None:
        """Load the site, behind a fast path."""
        self._django = WSGIHandler()
        self.hot = (fast_path or _hot)(self._counted)
        self.asked = 0

    def _counted(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        return self._django(environ, start)

    def ordinary(self, address: str, **environ: Any) -> Answer:
        """Return Django's answer."""
        return _call(self._django, address, environ)

    def answer(self, address: str, **environ: Any) -> Answer:
        """Return the site's answer, the lean path having learned what it can."""
        self.ask(address, **environ)
        return self.ask(address, **environ)

    def ask(self, address: str, **environ: Any) -> Answer:
        """Return the site's answer; ``asked`` says whether Django made it."""
        self.asked = 0
        return _call(self.hot, address, environ)


@contextmanager
def sent() -> Iterator[list[str]]:
    """Collect the statements that are sent, those included that Django's log does not see."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements


def bearer(user: User) -> str:
    """Return the header of somebody who has logged in."""
    return f"Bearer {issue(user)['access']}"


@contextmanager
def _kept_connections() -> Iterator[None]:
    """Keep Django from closing the test's connection with the request, as its test client does."""
    events = (signals.request_started, signals.request_finished)
    for event in events:
        event.disconnect(close_old_connections)
    yield
    for event in events:
        event.connect(close_old_connections)


def _call(application: Any, address: str, changes: dict[str, Any]) -> Answer:
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **{name: value for name, value in changes.items() if value is not None},
    }
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    with _kept_connections():
        response = application(environ, lambda status, headers, *_: begun.append((status, headers)))
        body = b"".join(response)
        if hasattr(response, "close"):
            response.close()
    return Answer(begun[-1][0], sorted(begun[-1][1]), body)
