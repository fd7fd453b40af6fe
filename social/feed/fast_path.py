"""The fast path of the hottest reads: the home feed, a photo and a profile, over the API.

``HotReads`` is WSGI middleware in front of Django (``minigram_site.wsgi``). A request for one of
them with a bearer token and no unusual header is answered here, without Django's middleware, DRF
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
from collections.abc import Callable, Iterable

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
from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections, set_user
from minigram_site.web import read_your_writes
from social.feed.fast_cache import Answer
from social.feed.fast_feed import CACHED_QUERY, FeedAnswer
from social.feed.fast_photo import PhotoAnswer
from social.feed.fast_profile import ProfileAnswer
from social.feed.fast_reads import Caller, NotOnFastPath

logger = logging.getLogger(__name__)

# A request that has one of these is handed to Django.
_UNUSUAL = (
    *("HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING"),
    *("CONTENT_LENGTH", "SCRIPT_NAME"),
)
_COUNT = {
    (kind, cached): ANSWERS.labels(kind, "no_sql" if cached else "sql").inc
    for kind in ("feed", "photo", "profile")
    for cached in (True, False)
}


class HotReads:
    """WSGI middleware: answers the hot reads itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        feed, photo = re.escape(reverse("api-feed")), re.escape(reverse("api-publish"))
        profile = re.escape(reverse("api-profile", args=["name"]).removesuffix("name/"))
        self._hot = re.compile(
            f"(?P<feed>{feed})|{photo}(?P<photo>[0-9]{{1,18}})/"
            f"|{profile}(?P<profile>[a-z0-9_.]{{1,30}})/"
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. No query on a cache hit, one without, or what Django needs."""
        asked = self._hot.fullmatch(environ["PATH_INFO"])
        if asked is None or (name := asked.lastgroup) is None:
            return self._django(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, _UNUSUAL)):
            return self._django(environ, start_response)
        kind = (name, *map(environ.get, HEAD_INPUTS))
        head = self._heads.get(kind)
        if head is None:
            return self._django(environ, self._heads.learning(kind, environ, start_response))
        body = _body(name, asked[name], environ, head.base)
        if body is None:
            return self._django(environ, start_response)
        start_response("200 OK", [*head.headers, ("Content-Length", str(len(body)))])
        return [body]

    def head(self, environ: Environ, name: str) -> Head | None:
        """Return the head of answers to such a request, once known; ``name``: feed or photo."""
        return self._heads.get((name, *map(environ.get, HEAD_INPUTS)))


def _body(name: str, named: str, environ: Environ, base: str) -> bytes | None:
    """Return the body of a 200, or ``None`` where Django has to answer."""
    try:
        answer = _ANSWERS[name](caller_of(environ), named, environ["QUERY_STRING"], base)
        body = answer.lookup()
        no_sql = body is not None
        if body is None:
            body = _read(answer, environ)
        _COUNT[name, no_sql]()
    except (NotOnFastPath, TokenError, DatabaseError, ValueError):
        return None
    except Exception:
        # A bug here must cost speed only: Django answers.
        logger.exception("The fast path has failed at %s.", environ["PATH_INFO"])
        return None
    return body


def _read(answer: Answer, environ: Environ) -> bytes:
    """Return the body from the database. Raises what ``Answer.read`` does."""
    try:
        with read_your_writes.read_only_request(environ.get("HTTP_X_READ_AFTER", "")):
            set_user(answer.caller.id)
            return answer.read()
    finally:
        release_connections()


def _feed_answer(caller: Caller, _: str, query: str, base: str) -> Answer:
    if (words := CACHED_QUERY.fullmatch(query)) is None:
        raise NotOnFastPath
    return FeedAnswer(caller, words[1] or "", words[2] or "", base)


def _photo_answer(caller: Caller, photo_id: str, query: str, base: str) -> Answer:
    if query:
        raise NotOnFastPath
    return PhotoAnswer(caller, int(photo_id), base)


def _profile_answer(caller: Caller, username: str, query: str, base: str) -> Answer:
    if query:
        raise NotOnFastPath
    return ProfileAnswer(caller, username, base)


# By name: caller, what the address names, query string, base of addresses.
_ANSWERS: dict[str, Callable[[Caller, str, str, str], Answer]] = {
    "feed": _feed_answer,
    "photo": _photo_answer,
    "profile": _profile_answer,
}


def caller_of(environ: Environ) -> Caller:
    """Return the account that the bearer token names.

    Raises ``TokenError`` for a token that is not valid, ``NotOnFastPath`` for an expired one.
    """
    user_id, version, session_id, expiry = bearer(environ.get("HTTP_AUTHORIZATION", ""))
    if expiry <= time.time():
        raise NotOnFastPath
    return Caller(user_id, version, session_id)
