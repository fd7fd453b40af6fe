"""The fast path of the two hottest reads: the home feed and one photo, over the API.

``HotReads`` is WSGI middleware in front of Django (``minigram_site.wsgi``). A request for one of
the two with a bearer token and no unusual header is answered here, without Django's middleware, DRF
and serializers, which cost three times what the work itself does. Every other request, and every
one that cannot be answered with 200 (no token or an invalid one, a refusal, a failing database),
is handed to Django unchanged: errors are worded there alone.

What Django does before and after a view is not repeated here but learned from it
(``minigram_site.api.learned_heads``).

Where the cache may be used, it is asked first: one round trip brings the account, whether the
answer is still valid, and the answer (``social.feed.fast_cache``). Otherwise the
database is, in one statement (``social.feed.fast_reads``). docs/adr/0018-hot-reads.md has the
reasons and figures.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable
from typing import NamedTuple

import orjson
from django.db import DatabaseError
from django.urls import reverse
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api.authentication import bearer
from minigram_site.api.learned_heads import (
    HEAD_INPUTS,
    Application,
    Environ,
    Head,
    LearnedHeads,
    StartResponse,
)
from minigram_site.cache import current_lease, require_changes_of
from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections, set_user
from minigram_site.web import read_your_writes
from minigram_site.web.pagination import PAGE_SIZE, parse_cursor
from photos import photo_cache
from social.feed import fast_reads
from social.feed.fast_cache import CACHED_QUERY, CachedPage, CachedPhoto
from social.feed.fast_reads import Caller, NotOnFastPath

logger = logging.getLogger(__name__)

# A request that has one of these is handed to Django.
_UNUSUAL = ("HTTP_COOKIE", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH", "SCRIPT_NAME")
_COUNT = {
    (kind, cached): ANSWERS.labels(kind, "no_sql" if cached else "sql").inc
    for kind in ("feed", "photo")
    for cached in (True, False)
}


class _Target(NamedTuple):
    """What a request asks for: one photo, or a page of the feed (texts of its query string)."""

    photo: int | None
    cursor: str = ""
    limit: str = ""


class HotReads:
    """WSGI middleware: answers the hot reads itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        self._feed = reverse("api-feed")
        self._one_photo = re.compile(re.escape(reverse("api-publish")) + "([0-9]{1,18})/")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. No query on a cache hit, one without, or what Django needs."""
        path = environ["PATH_INFO"]
        if path != self._feed and not self._one_photo.fullmatch(path):
            return self._django(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, _UNUSUAL)):
            return self._django(environ, start_response)
        kind = (path == self._feed, *map(environ.get, HEAD_INPUTS))
        head = self._heads.get(kind)
        if head is None:
            return self._django(environ, self._heads.learning(kind, environ, start_response))
        body = self._body(path, environ, head.base)
        if body is None:
            return self._django(environ, start_response)
        start_response("200 OK", [*head.headers, ("Content-Length", str(len(body)))])
        return [body]

    def head(self, environ: Environ, *, of_feed: bool) -> Head | None:
        """Return the head of answers to such a request, for a feed or a photo, once it is known."""
        return self._heads.get((of_feed, *map(environ.get, HEAD_INPUTS)))

    def _body(self, path: str, environ: Environ, base: str) -> bytes | None:
        """Return the body of a 200, or ``None`` where Django has to answer."""
        try:
            caller = caller_of(environ)
            asked = self._asked(path, environ["QUERY_STRING"])
            cached = _cached_answer(caller, asked, base) if current_lease() is not None else None
            body = cached.lookup() if cached is not None else None
            no_sql = body is not None
            if body is None:
                with read_your_writes.read_only_request(environ.get("HTTP_X_READ_AFTER", "")):
                    set_user(caller.id)
                    body = (
                        self._read(caller, asked, base)
                        if cached is None
                        else _complete(caller, cached)
                    )
            _COUNT["feed" if asked.photo is None else "photo", no_sql]()
        except (NotOnFastPath, TokenError, DatabaseError, ValueError):
            return None
        except Exception:
            # A bug here must cost speed only: Django answers.
            logger.exception("The fast path has failed at %s.", path)
            return None
        finally:
            release_connections()
        return body

    def _asked(self, path: str, query: str) -> _Target:
        if path == self._feed:
            if (words := CACHED_QUERY.fullmatch(query)) is None:
                raise NotOnFastPath
            return _Target(None, words[1] or "", words[2] or "")
        photo = self._one_photo.fullmatch(path)
        if query or photo is None:
            raise NotOnFastPath
        return _Target(int(photo[1]))

    def _read(self, caller: Caller, asked: _Target, base: str) -> bytes:
        """Return the body from the database, without a cache."""
        if asked.photo is not None:
            require_changes_of(photo_cache.names_of([asked.photo], caller.id))
            return fast_reads.photo_json(caller, asked.photo, base)
        cursor = parse_cursor(asked.cursor)
        size = int(asked.limit) if asked.limit else PAGE_SIZE
        page = fast_reads.feed_page_json(caller, cursor, size, base)
        tail = f"&limit={asked.limit}" if asked.limit else ""
        links = [
            orjson.dumps(neighbour and f"{base}{self._feed}?cursor={neighbour}{tail}")
            for neighbour in (page.next, page.previous)
        ]
        return b'{"next":%b,"previous":%b,"results":[%b]}' % (*links, b",".join(page.items))


def _cached_answer(caller: Caller, asked: _Target, base: str) -> CachedPhoto | CachedPage:
    """Return the cached answer to look up in Redis."""
    if asked.photo is not None:
        return CachedPhoto(caller, asked.photo, base)
    return CachedPage(caller, asked.cursor, asked.limit, base)


def _complete(caller: Caller, cached: CachedPhoto | CachedPage) -> bytes:
    """Return what was not cached, and store it in the cache."""
    if not cached.authenticated:
        fast_reads.authenticated_user(caller)
    return cached.complete()


def caller_of(environ: Environ) -> Caller:
    """Return the account that the bearer token names.

    Raises ``TokenError`` for a token that is not valid, ``NotOnFastPath`` for an expired one.
    """
    user_id, version, session_id, expiry = bearer(environ.get("HTTP_AUTHORIZATION", ""))
    if expiry <= time.time():
        raise NotOnFastPath
    return Caller(user_id, version, session_id)
