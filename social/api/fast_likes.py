"""The fast path of likes: ``PUT`` and ``DELETE /api/v1/photos/<id>/like/``, answered before Django.

``FastLikes`` is WSGI middleware beside ``social.feed.fast_path``, and keeps its rules: a request
with a bearer token and nothing unusual is answered here if the answer is a 200, every other one is
handed to Django unchanged, and the head of a response is learned from Django.

On PostgreSQL the write is the one statement of ``photos.services.change_like``, and which likes it
may change is composed of the SQL that the ordinary path uses: the account behind the token
(``accounts.api.tokens``), and the visibility rule with what the photo shows (``photos.cards``).
Without a cache the statement is a transaction by itself; with one it stands in a transaction that
marks what it invalidates before the commit. SQLite is asked by the ordinary verbs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import DatabaseError, transaction
from django.http import Http404
from django.urls import reverse
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api import tokens
from accounts.models import User
from minigram_site.api.learned_heads import (
    HEAD_INPUTS,
    Application,
    Environ,
    LearnedHeads,
    StartResponse,
)
from minigram_site.cache import is_configured
from minigram_site.counters import ANSWERS
from minigram_site.db import compiled_sql, release_connections, set_user
from minigram_site.web import read_your_writes, throttling
from photos import cards, permissions, services
from social.feed.fast_path import caller_of
from social.feed.fast_reads import Caller, NotOnFastPath, is_postgresql, require_account

logger = logging.getLogger(__name__)

_LIKED = {"PUT": True, "DELETE": False}
# A request that has one of these is handed to Django.
_UNUSUAL = (
    "HTTP_COOKIE",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_CONTENT_ENCODING",
    "QUERY_STRING",
    "SCRIPT_NAME",
)
_ALLOWED = """
SELECT $1::bigint, $2::bigint, shown.liked, shown.like_count
FROM ({shown}) shown(id, liked, like_count, comment_count, counts_are_shared),
    ({account}) account(auth_version)
WHERE account.auth_version = $5::bigint AND shown.counts_are_shared
"""
_count = ANSWERS.labels("api", "sql").inc


class FastLikes:
    """WSGI middleware: answers likes and their end itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        self._like = re.compile(re.escape(reverse("api-publish")) + "([0-9]{1,18})/like/")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. One statement, three with a cache, or what Django needs."""
        method = environ["REQUEST_METHOD"]
        if method not in _LIKED or (asked := self._like.fullmatch(environ["PATH_INFO"])) is None:
            return self._django(environ, start_response)
        has_body = environ.get("CONTENT_LENGTH") not in {None, "", "0"}
        if has_body or any(map(environ.get, _UNUSUAL)):
            return self._django(environ, start_response)
        kind = (method, *map(environ.get, HEAD_INPUTS))
        head = self._heads.get(kind)
        if head is None:
            return self._django(environ, self._heads.learning(kind, environ, start_response))
        headers = [*head.headers]
        body = _body(environ, int(asked[1]), headers, liked=_LIKED[method])
        if body is None:
            return self._django(environ, start_response)
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _body(
    environ: Environ, photo_id: int, headers: list[tuple[str, str]], *, liked: bool
) -> bytes | None:
    """Return the body of a 200 and add to its headers, or ``None`` where Django has to answer."""
    try:
        caller = caller_of(environ)
        _take(environ, caller)
        with read_your_writes.writing_request(headers):
            set_user(caller.id)
            is_liked, like_count = _change(caller, photo_id, liked=liked)
        _count()
    except (NotOnFastPath, TokenError, DatabaseError, Http404, ValueError):
        return None
    except Exception:
        # A bug here must cost speed only: Django answers.
        logger.exception("The fast path of likes has failed at photo %s.", photo_id)
        return None
    finally:
        release_connections()
    return b'{"liked":%b,"like_count":%d}' % (b"true" if is_liked else b"false", like_count)


def _take(environ: Environ, caller: Caller) -> None:
    """Count this request for the rate limit, once: Django does not count it again.

    Raises ``NotOnFastPath`` beyond the limit, uncounted.
    """
    request: Any = SimpleNamespace(user=SimpleNamespace(pk=caller.id, is_authenticated=True))
    if not throttling.throttle("write")().allow_request(request, None):  # type: ignore[arg-type]
        raise NotOnFastPath
    environ[throttling.COUNTED] = True


def _change(caller: Caller, photo_id: int, *, liked: bool) -> tuple[bool, int]:
    """Give or take back the like; return whether the caller likes the photo, and how many do.

    Raises ``NotOnFastPath`` if the account does not confirm the token or may not see the photo,
    ``Http404`` instead of the latter on SQLite, and Django's database errors.
    """
    if not is_postgresql():
        return _by_verbs(caller, photo_id, liked=liked)
    with _transaction():
        change = services.change_like(
            caller.id,
            photo_id,
            liked=liked,
            allowed=_allowed(),
            further=(caller.session, caller.version),
        )
    if change is None:
        raise NotOnFastPath
    if change.like_count is not None:
        return liked, change.like_count
    if change.was_liked == liked and change.former_count is not None:
        return liked, change.former_count
    # Another request of this person did it at the same time.
    return _shown(caller, photo_id)


def _by_verbs(caller: Caller, photo_id: int, *, liked: bool) -> tuple[bool, int]:
    require_account(caller)
    user = User(pk=caller.id)
    permissions.require_visible(user, photo_id)
    (services.like if liked else services.unlike)(user=user, photo_id=photo_id)
    return _shown(caller, photo_id)


def _shown(caller: Caller, photo_id: int) -> tuple[bool, int]:
    found = cards.likes_of(photo_id, User(pk=caller.id))
    if found is None:
        raise NotOnFastPath
    return found


def _transaction() -> AbstractContextManager[Any]:
    """Return a transaction, where one statement is not enough: an invalidation belongs into it."""
    return transaction.atomic() if is_configured() else nullcontext()


@cache
def _allowed() -> str:
    return _ALLOWED.strip().format(
        shown=compiled_sql(cards.likes_query, ["$1::bigint", "$2::bigint"]),
        account=compiled_sql(tokens.auth_version_of, ["$1::bigint", "$4::bigint"]),
    )
