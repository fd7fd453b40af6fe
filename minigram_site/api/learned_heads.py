"""Heads of responses, learned from Django by what answers before it.

What Django does before and after a view is not repeated there. The first request with a new
combination of host, scheme and so on (all that the head of a response depends on) is answered by
Django; its headers are remembered, and so is the beginning of all addresses. Whether a host is
allowed or must be redirected to HTTPS is thereby Django's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.core.handlers.wsgi import WSGIRequest

from minigram_site.api.views import base_of

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Kind = tuple[Any, ...]

# What the head of a response depends on, beside the address.
HEAD_INPUTS = ("HTTP_HOST", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_ACCEPT")
# Real clients differ in a few hosts and ``Accept`` headers; beyond this it is somebody probing.
_MAX_HEADS = 256
# A response with one of these belongs to one client, or is a file: its head is not reused.
_PERSONAL = {"set-cookie", "vary", "content-disposition", "etag"}
# These belong to one response, and are left out of a head that is reused.
_OWN = {"content-length", "x-read-after", "ratelimit", "ratelimit-policy"}


def _is_personal(header: tuple[str, str]) -> bool:
    # Requests of another origin's scripts are Django's: all others share what is said to one.
    return header[0].lower() in _PERSONAL and (header[0].lower(), header[1]) != ("vary", "origin")


class Head(NamedTuple):
    """The head of a response that Django has given: base of addresses, and headers."""

    base: str
    headers: Headers


class LearnedHeads(dict[Kind, Head]):
    """The heads of successful responses by kind of request, at most ``_MAX_HEADS``."""

    def learning(
        self,
        kind: Kind,
        environ: Environ,
        start_response: StartResponse,
        success: str = "200 OK",
    ) -> StartResponse:
        """Return a ``start_response`` that remembers a head that others may share.

        That of a response with the status ``success`` and nothing personal.
        """

        def start(status: str, headers: Headers, *error: Any) -> Any:
            if status == success and not any(map(_is_personal, headers)):
                if len(self) >= _MAX_HEADS:
                    self.clear()
                lasting = [header for header in headers if header[0].lower() not in _OWN]
                self[kind] = Head(base_of(WSGIRequest(environ)), lasting)
            return start_response(status, headers, *error)

        return start
