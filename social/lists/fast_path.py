"""The fast path of lists of photos over the API: explore, and the photos of a person.

``FastLists`` is WSGI middleware beside ``social.feed.fast_path``, and keeps its rules: a request
with a bearer token and nothing unusual is answered here if the answer is a 200, every other one is
handed to Django unchanged, and the head of a response is learned from Django.

On PostgreSQL a page is one statement: the account behind the token, the keys of the page, and for
each photo what the visibility rule, likes and counts are for the caller (``photos.card_pages``).
What no like changes of a photo's JSON is kept in this process (``photos.api.json_fragments``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

import orjson
from django.db import DatabaseError
from django.urls import reverse
from rest_framework_simplejwt.exceptions import TokenError

from minigram_site.api.learned_heads import (
    HEAD_INPUTS,
    Application,
    Environ,
    LearnedHeads,
    StartResponse,
)
from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections, set_user
from minigram_site.web import read_your_writes
from minigram_site.web.pagination import Page
from social.feed.fast_path import caller_of
from social.feed.fast_reads import Caller, NotOnFastPath
from social.lists import by_author, explore

logger = logging.getLogger(__name__)

# A request that has one of these is handed to Django.
_UNUSUAL = (
    *("HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING"),
    *("CONTENT_LENGTH", "SCRIPT_NAME"),
)
_count = ANSWERS.labels("api", "sql").inc

# From caller, what the address names, query string and base of addresses: the page, each photo as
# JSON, and how the query strings of its links end.
_LISTS: dict[str, Callable[[Caller, str, str, str], tuple[Page[bytes], str]]] = {
    "explore": explore.read,
    "person": by_author.read,
}


class FastLists:
    """WSGI middleware: answers lists of photos itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        listed = re.escape(reverse("api-explore"))
        before, after = map(re.escape, reverse("api-profile-photos", args=["name"]).split("name"))
        self._lists = re.compile(
            f"(?P<explore>{listed})|{before}(?P<person>[a-z0-9_.]{{1,30}}){after}"
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. One query, or what Django needs."""
        asked = self._lists.fullmatch(environ["PATH_INFO"])
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


def _body(name: str, named: str, environ: Environ, base: str) -> bytes | None:
    """Return the body of a 200, or ``None`` where Django has to answer."""
    path = environ["PATH_INFO"]
    try:
        caller = caller_of(environ)
        with read_your_writes.read_only_request(environ.get("HTTP_X_READ_AFTER", "")):
            set_user(caller.id)
            page, tail = _LISTS[name](caller, named, environ["QUERY_STRING"], base)
        _count()
    except (NotOnFastPath, TokenError, DatabaseError, ValueError):
        return None
    except Exception:
        # A bug here must cost speed only: Django answers.
        logger.exception("The fast path of lists has failed at %s.", path)
        return None
    finally:
        release_connections()
    links = [
        orjson.dumps(neighbour and f"{base}{path}?cursor={neighbour}{tail}")
        for neighbour in (page.next, page.previous)
    ]
    return b'{"next":%b,"previous":%b,"results":[%b]}' % (*links, b",".join(page.items))
