"""The lean path of small writes over the API, which are answered before Django.

``FastWrites`` is WSGI middleware beside ``social.feed.fast_path``, and keeps its rules: a request
with a bearer token and nothing unusual is answered here if it succeeds, every other one is handed
to Django unchanged, and the head of a response is learned from Django. What it answers are likes
(``social.api.fast_likes``), follows and comments.

What is left out is Django's and DRF's machinery around a view. What a view calls is called here as
well: the account behind the token, the permission, the verb, the JSON; so none of them has a second
meaning. A request is counted once for its rate limit, whoever answers it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError
from django.http import Http404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api.idempotency import HEADER as IDEMPOTENCY_KEY
from minigram_site.api.learned_heads import (
    HEAD_INPUTS,
    Application,
    Environ,
    LearnedHeads,
    StartResponse,
)
from minigram_site.api.views import FAILED
from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections, set_user
from minigram_site.web import read_your_writes, throttling
from minigram_site.web.bodies.refused import read_small_body
from minigram_site.web.converters import UsernameConverter
from photos import permissions, services
from photos.api.json import comment_json
from photos.api.serializers import CommentTextSerializer
from photos.conversation.cards import card_of_new
from social import follows, people
from social.api.fast_likes import change_like
from social.feed.fast_path import caller_of
from social.feed.fast_reads import Caller, NotOnFastPath, authenticated_user

logger = logging.getLogger(__name__)

# A request that has one of these is handed to Django.
_UNUSUAL = (
    "HTTP_COOKIE",
    "HTTP_ORIGIN",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_CONTENT_ENCODING",
    "HTTP_" + IDEMPOTENCY_KEY.upper().replace("-", "_"),
    "QUERY_STRING",
    "SCRIPT_NAME",
)
# The longest text in JSON, each character written as an escape of six bytes, or of twelve.
_LONGEST_BODY = 32 * 1024
_JSON_TYPES = {"application/json", "application/json; charset=utf-8"}
_ID = "[0-9]{1,18}"
_count = ANSWERS.labels("api", "sql").inc
_text = CommentTextSerializer().fields["text"]


class _Write:
    """A request while it is answered: who makes it, for what, and whether it may be repeated."""

    def __init__(self, caller: Caller, target: str, environ: Environ, base: str) -> None:
        self.caller = caller
        # What the address names: a photo's id, a username.
        self.target = target
        self.environ = environ
        # The scheme and host that addresses begin with.
        self.base = base
        # A write that may have happened must not be made again.
        self.is_final = False


class _Route(NamedTuple):
    """An address with its methods, and what answers them."""

    address: re.Pattern[str]
    methods: frozenset[str]
    # The limit that counts the request.
    scope: str
    status: str
    answer: Callable[[_Write], bytes]
    has_body: bool = False


class FastWrites:
    """WSGI middleware: answers small writes itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        self._routes: dict[str, list[_Route]] = {}
        for route in _routes():
            for method in route.methods:
                self._routes.setdefault(method, []).append(route)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request, or what Django needs for it.

        On PostgreSQL: a like is one statement, a comment five and a follow ten, those included
        that begin and end a transaction.
        """
        path = environ["PATH_INFO"]
        for route in self._routes.get(environ["REQUEST_METHOD"], ()):
            if (asked := route.address.fullmatch(path)) and _is_usual(route, environ):
                return self._answer(route, asked[1], environ, start_response)
        return self._django(environ, start_response)

    def _answer(
        self, route: _Route, target: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        kind = (environ["REQUEST_METHOD"], route.address, *map(environ.get, HEAD_INPUTS))
        head = self._heads.get(kind)
        if head is None:
            learning = self._heads.learning(kind, environ, start_response, route.status)
            return self._django(environ, learning)
        headers = [*head.headers]
        body = _body(route, target, environ, head.base, headers)
        if body is None:
            return self._django(environ, start_response)
        start_response(route.status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _is_usual(route: _Route, environ: Environ) -> bool:
    has_body = environ.get("CONTENT_LENGTH") not in {None, "", "0"}
    if has_body and environ.get("CONTENT_TYPE", "").lower() not in _JSON_TYPES:
        return False
    return has_body is route.has_body and not any(map(environ.get, _UNUSUAL))


def _body(
    route: _Route, target: str, environ: Environ, base: str, headers: list[tuple[str, str]]
) -> bytes | None:
    """Return the body of a success and add to its headers, or ``None``: Django has to answer."""
    write: _Write | None = None
    try:
        write = _Write(caller_of(environ), target, environ, base)
        headers += _count_for_limit(route.scope, write).items()
        with read_your_writes.writing_request(headers):
            set_user(write.caller.id)
            body = route.answer(write)
        _count()
    except Exception as error:
        if write is not None and write.is_final:
            environ[FAILED] = error
        elif not isinstance(error, _REFUSALS):
            # A bug here must cost speed only: Django answers.
            logger.exception("The fast path of writes has failed at %s.", environ["PATH_INFO"])
        return None
    finally:
        release_connections()
    return body


# What Django answers in its own words.
_REFUSALS = (
    NotOnFastPath,
    TokenError,
    DatabaseError,
    InterfaceError,
    Http404,
    ObjectDoesNotExist,
    ValidationError,
    OSError,
    ValueError,
)


def _count_for_limit(scope: str, write: _Write) -> dict[str, str]:
    """Count this request for the rate limit, once: Django does not count it again.

    Returns the headers that say what is left of it. Raises ``NotOnFastPath`` beyond the limit,
    uncounted.
    """
    user = SimpleNamespace(pk=write.caller.id, is_authenticated=True)
    request: Any = SimpleNamespace(user=user)
    counter = throttling.throttle(scope)()
    if not counter.allow_request(request, None):
        raise NotOnFastPath
    write.environ[throttling.COUNTED] = counter
    return counter.headers()


def _like(write: _Write) -> bytes:
    return _liked(write, liked=True)


def _unlike(write: _Write) -> bytes:
    return _liked(write, liked=False)


def _liked(write: _Write, *, liked: bool) -> bytes:
    is_liked, like_count = change_like(write.caller, int(write.target), liked=liked)
    return b'{"liked":%b,"like_count":%d}' % (b"true" if is_liked else b"false", like_count)


def _follow(write: _Write) -> bytes:
    follower = authenticated_user(write.caller)
    followee = people.profile(follower, write.target)
    state = follows.follow(follower=follower, followee=followee)
    return b'{"state":"%b"}' % state.encode()


def _unfollow(write: _Write) -> bytes:
    follower = authenticated_user(write.caller)
    follows.unfollow(follower=follower, followee=people.profile(follower, write.target))
    return b""


def _comment(write: _Write) -> bytes:
    author = authenticated_user(write.caller)
    photo_id, text = int(write.target), _sent_text(write.environ)
    if not permissions.comments_are_open(author, photo_id):
        raise NotOnFastPath
    try:
        write.is_final = True
        comment = services.comment(author=author, photo_id=photo_id, text=text)
    except Http404:
        # Nothing was written: Django finds as much.
        write.is_final = False
        raise
    return orjson.dumps(comment_json(card_of_new(comment), write.base))


def _sent_text(environ: Environ) -> str:
    """Return the text of a new comment, by the rules of the view.

    Raises ``NotOnFastPath`` for a body of another form, ``ValueError`` for no JSON, and
    ``ValidationError``.
    """
    sent = orjson.loads(read_small_body(environ, _LONGEST_BODY))
    if not isinstance(sent, dict) or list(sent) != ["text"]:
        raise NotOnFastPath
    return str(_text.run_validation(sent["text"]))


def _routes() -> list[_Route]:
    like = _address("api-like", 7, _ID)
    follow = _address("api-follow", "name", UsernameConverter.regex)
    comments = _address("api-comments", 7, _ID)
    return [
        _Route(like, frozenset({"PUT"}), "write", "200 OK", _like),
        _Route(like, frozenset({"DELETE"}), "write", "200 OK", _unlike),
        _Route(follow, frozenset({"PUT"}), "write", "200 OK", _follow),
        _Route(follow, frozenset({"DELETE"}), "write", "204 No Content", _unfollow),
        _Route(comments, frozenset({"POST"}), "comment", "201 Created", _comment, has_body=True),
    ]


def _address(name: str, sample: str | int, pattern: str) -> re.Pattern[str]:
    """Return the pattern of an address, whose one part is matched by ``pattern``."""
    before, _, after = reverse(name, args=[sample]).rpartition(f"/{sample}/")
    return re.compile(f"{re.escape(before)}/({pattern})/{re.escape(after)}")
