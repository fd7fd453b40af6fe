"""The lean path of the two hottest reads: the home feed and one photo, over the API.

``HotReads`` stands before Django (``minigram_site.wsgi``). A request for one of the two with a
bearer token and nothing unusual about it is answered here, without middleware, DRF and
serializers, which cost three times what the work itself does. Every other request, and every
one where something is not as expected (no token or an odd one, another header that matters, a
refusal, a fault of the database), goes to Django untouched: errors are worded there alone.

What Django would do before and after is not repeated here but learned from it. The first request
of a kind (same host, scheme and so on: all that the head of an answer depends on) is answered by
Django; its headers are kept, and so is the beginning of all addresses. Whether a host is allowed
or must be sent to HTTPS is thereby Django's decision.

Where there is a Redis that may be believed, it is asked first: one round trip brings the account,
whether the answer is still true, and the answer (``social.feed.fast_cache``). Otherwise the
database is, in one statement (``social.feed.fast_reads``). docs/adr/0018-hot-reads.md has the
reasons and figures.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, connections
from django.urls import reverse
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api.authentication import bearer
from minigram_site.api.views import base_of
from minigram_site.cache import current_lease
from minigram_site.counters import ANSWERS
from minigram_site.db import set_user
from minigram_site.web import read_your_writes
from minigram_site.web.pagination import PAGE_SIZE, parse_cursor
from social.feed import fast_reads
from social.feed.fast_cache import ORDINARY, KeptPage, KeptPhoto
from social.feed.fast_reads import Caller, NotOrdinary

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

logger = logging.getLogger(__name__)

# What the head of an answer depends on, beside the address.
_KIND = ("HTTP_HOST", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_ACCEPT")
# A request that has one of these is not ordinary.
_UNUSUAL = ("HTTP_COOKIE", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH", "SCRIPT_NAME")
# Nobody sends more kinds of requests than this but somebody who tries them out.
_KEPT_HEADS = 256
# An answer with one of these is somebody's own, or a file's, and so is its head.
_PERSONAL = {"set-cookie", "vary", "content-disposition", "etag", "x-read-after"}
_COUNT = {
    (kind, kept): ANSWERS.labels(kind, "no_sql" if kept else "sql").inc
    for kind in ("feed", "photo")
    for kept in (True, False)
}

Kind = tuple[Any, ...]


class _Head(NamedTuple):
    """What Django answers requests of one kind with, beside the body."""

    base: str
    headers: Headers


class _Asked(NamedTuple):
    """What a request asks for: one photo, or a page of the feed in the words of its address."""

    photo: int | None
    cursor: str = ""
    limit: str = ""


class HotReads:
    """A WSGI application in front of Django: answers the hot reads, hands on everything else."""

    def __init__(self, django: Application) -> None:
        """Stand before ``django``."""
        self._django = django
        self._heads: dict[Kind, _Head] = {}
        self._feed = reverse("api-feed")
        self._one_photo = re.compile(re.escape(reverse("api-publish")) + "([0-9]{1,18})/")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. One query, or what Django needs."""
        path = environ["PATH_INFO"]
        if path != self._feed and not self._one_photo.fullmatch(path):
            return self._django(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, _UNUSUAL)):
            return self._django(environ, start_response)
        kind = (path == self._feed, *map(environ.get, _KIND))
        head = self._heads.get(kind)
        if head is None:
            return self._django(environ, self._learning(kind, environ, start_response))
        body = self._body(path, environ, head.base)
        if body is None:
            return self._django(environ, start_response)
        start_response("200 OK", [*head.headers, ("Content-Length", str(len(body)))])
        return [body]

    def _body(self, path: str, environ: Environ, base: str) -> bytes | None:
        """Return the answer, or ``None`` if it is for Django to give."""
        try:
            caller = _caller(environ)
            asked = self._asked(path, environ["QUERY_STRING"])
            kept = _kept(caller, asked, base) if current_lease() is not None else None
            body = kept.look() if kept is not None else None
            no_sql = body is not None
            if body is None:
                with read_your_writes.read_only_request(environ.get("HTTP_X_READ_AFTER", "")):
                    set_user(caller.id)
                    body = self._read(caller, asked, base) if kept is None else _read(caller, kept)
            _COUNT["feed" if asked.photo is None else "photo", no_sql]()
        except (NotOrdinary, TokenError, DatabaseError, ValueError):
            return None
        except Exception:
            # A fault of this path must not be one of the site.
            logger.exception("The lean path has failed at %s.", path)
            return None
        finally:
            _give_back()
        return body

    def _asked(self, path: str, query: str) -> _Asked:
        if path == self._feed:
            if (words := ORDINARY.fullmatch(query)) is None:
                raise NotOrdinary
            return _Asked(None, words[1] or "", words[2] or "")
        photo = self._one_photo.fullmatch(path)
        if query or photo is None:
            raise NotOrdinary
        return _Asked(int(photo[1]))

    def _read(self, caller: Caller, asked: _Asked, base: str) -> bytes:
        """Return the answer from the database alone."""
        if asked.photo is not None:
            return fast_reads.photo(caller, asked.photo, base)
        cursor = parse_cursor(asked.cursor)
        size = int(asked.limit) if asked.limit else PAGE_SIZE
        page = fast_reads.feed_page(caller, cursor, size, base)
        tail = f"&limit={asked.limit}" if asked.limit else ""
        links = [
            orjson.dumps(neighbour and f"{base}{self._feed}?cursor={neighbour}{tail}")
            for neighbour in (page.next, page.previous)
        ]
        return b'{"next":%b,"previous":%b,"results":[%b]}' % (*links, b",".join(page.items))

    def _learning(
        self, kind: Kind, environ: Environ, start_response: StartResponse
    ) -> StartResponse:
        """Return a ``start_response`` that keeps the headers of an ordinary answer."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            names = {name.lower() for name, _ in headers}
            if status == "200 OK" and not names & _PERSONAL:
                if len(self._heads) >= _KEPT_HEADS:
                    self._heads.clear()
                lasting = [header for header in headers if header[0] != "Content-Length"]
                self._heads[kind] = _Head(base_of(WSGIRequest(environ)), lasting)
            return start_response(status, headers, *error)

        return start


def _kept(caller: Caller, asked: _Asked, base: str) -> KeptPhoto | KeptPage:
    """Return what looks for the answer in Redis."""
    if asked.photo is not None:
        return KeptPhoto(caller, asked.photo, base)
    return KeptPage(caller, asked.cursor, asked.limit, base)


def _read(caller: Caller, kept: KeptPhoto | KeptPage) -> bytes:
    """Return what was not found there, and fill it on the way."""
    if not kept.stands:
        fast_reads.person(caller)
    return kept.read()


def _caller(environ: Environ) -> Caller:
    """Return whom the token speaks for; any of ``_body``'s refusals if that is not plain."""
    user_id, version, expiry = bearer(environ.get("HTTP_AUTHORIZATION", ""))
    if expiry <= time.time():
        raise NotOrdinary
    return Caller(user_id, version)


def _give_back() -> None:
    """Give connections back to the pool, as Django does after each of its requests."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
