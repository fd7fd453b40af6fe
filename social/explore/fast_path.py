"""The fast path of explore over the API: ``GET /api/v1/explore/``, answered before Django.

``FastExplore`` is WSGI middleware beside ``social.feed.fast_path``, and keeps its rules: a request
with a bearer token and nothing unusual is answered here if the answer is a 200, every other one is
handed to Django unchanged, and the head of a response is learned from Django. The first page of the
popular photos is Django's where a new ranking is due.

On PostgreSQL it is one statement: the account behind the token, the keys of the page, and for each
photo what the visibility rule, likes and counts are for the caller (``social.explore.sql``). What
no like changes of a photo's JSON is kept in this process (``photos.api.json_fragments``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, DatabaseError
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
from minigram_site.cache import require_changes_of
from minigram_site.counters import ANSWERS
from minigram_site.db import compiled_sql, fetch_prepared, read_alias, release_connections, set_user
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web import read_your_writes
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page, parse_cursor
from photos import photo_cache
from photos.api import json_fragments
from photos.cards import with_seen_counts
from social.explore import service, sql
from social.explore.snapshots import is_due
from social.feed.fast_path import caller_of
from social.feed.fast_reads import Caller, NotOnFastPath, is_postgresql, require_account

logger = logging.getLogger(__name__)

# A request that has one of these is handed to Django.
_UNUSUAL = (
    *("HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING"),
    *("CONTENT_LENGTH", "SCRIPT_NAME"),
)
# As the links to further pages have them: in this order, and no other parameter.
_QUERY = re.compile(
    r"(?:cursor=([np][0-9]{1,19}(?:_[0-9]{1,19}t[0-9]{1,19})?))?"
    r"(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?"
    r"(?:(?:^|&)sort=(recent|popular))?"
)
_STATEMENT = """
SELECT account.auth_version, listed.* FROM (SELECT 1) one
LEFT JOIN ({account}) account ON TRUE LEFT JOIN ({listed}) listed ON TRUE ORDER BY {order}
"""
_count = ANSWERS.labels("api", "sql").inc

Row = tuple[Any, ...]


class _Asked(NamedTuple):
    """What a request asks for; ``tail`` is how the query strings of its links end."""

    is_popular: bool
    cursor: Cursor | None
    size: int
    tail: str


class FastExplore:
    """WSGI middleware: answers explore itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``. Django must be set up: addresses are reversed."""
        self._django = django
        self._heads = LearnedHeads()
        self._path = reverse("api-explore")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. One query, or what Django needs."""
        if environ["PATH_INFO"] != self._path or environ["REQUEST_METHOD"] != "GET":
            return self._django(environ, start_response)
        if any(map(environ.get, _UNUSUAL)):
            return self._django(environ, start_response)
        kind = tuple(map(environ.get, HEAD_INPUTS))
        head = self._heads.get(kind)
        if head is None:
            return self._django(environ, self._heads.learning(kind, environ, start_response))
        body = self._body(environ, head.base)
        if body is None:
            return self._django(environ, start_response)
        start_response("200 OK", [*head.headers, ("Content-Length", str(len(body)))])
        return [body]

    def _body(self, environ: Environ, base: str) -> bytes | None:
        """Return the body of a 200, or ``None`` where Django has to answer."""
        try:
            asked, caller = _asked(environ["QUERY_STRING"]), caller_of(environ)
            with read_your_writes.read_only_request(environ.get("HTTP_X_READ_AFTER", "")):
                set_user(caller.id)
                page = _page(asked, caller, base)
            _count()
        except (NotOnFastPath, TokenError, DatabaseError, ValueError):
            return None
        except Exception:
            # A bug here must cost speed only: Django answers.
            logger.exception("The fast path of explore has failed at %s.", environ["QUERY_STRING"])
            return None
        finally:
            release_connections()
        links = [
            orjson.dumps(neighbour and f"{base}{self._path}?cursor={neighbour}{asked.tail}")
            for neighbour in (page.next, page.previous)
        ]
        return b'{"next":%b,"previous":%b,"results":[%b]}' % (*links, b",".join(page.items))


def _asked(query: str) -> _Asked:
    words = _QUERY.fullmatch(query)
    if words is None:
        raise NotOnFastPath
    is_popular = words[3] == "popular"
    size = int(words[2]) if words[2] else PAGE_SIZE
    tail = (f"&limit={words[2]}" if words[2] else "") + (f"&sort={words[3]}" if words[3] else "")
    cursor = parse_cursor(words[1], keys=len(sql.POPULAR if is_popular else sql.RECENT))
    return _Asked(is_popular, cursor, size, tail)


def _page(asked: _Asked, caller: Caller, base: str) -> Page[bytes]:
    """Return the page, each photo as JSON bytes. One query; one more for callers with blocks.

    Raises ``NotOnFastPath`` if the account does not confirm the token, and where a ranking is due.
    """
    if not is_postgresql():
        return _ordinary_page(asked, caller, base)
    keys, further = (2, 1) if asked.is_popular else (1, 0)
    snapshot = 0

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        nonlocal snapshot
        rows = _rows(asked, caller, at, limit)
        snapshot = rows[0][keys] if rows and further else 0
        if further and at is None and is_due(snapshot):
            raise NotOnFastPath
        return rows

    def read() -> Page[Row]:
        return build_page(fetch, asked.cursor, asked.size, lambda row: row[:keys])

    rows = read()
    if require_changes_of(photo_cache.names_of((row[keys - 1] for row in rows.items), caller.id)):
        rows = read()
    shown = keys + further
    visible = [json_fragments.visible_photo(row[shown:]) for row in rows.items if row[shown]]
    visible = with_seen_counts(visible, caller.id)
    found = json_fragments.fragments_of(visible, caller.id, base)
    page = rows.with_items([fragment.json() for fragment in found])
    return page.as_of(snapshot) if asked.is_popular else page


def _rows(asked: _Asked, caller: Caller, at: Cursor | None, limit: int) -> list[Row]:
    """Return the rows of the statement, without the account, which is compared."""
    alias = read_alias()
    if alias != DEFAULT_DB_ALIAS:
        # A replica may lag behind a suspension or a new password.
        require_account(caller)
    edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
    statement = _statement(is_popular=asked.is_popular, backward=backward)
    place = (at.since if at else MAX_ID, edge) if asked.is_popular else (edge,)
    rows = fetch_prepared(alias, statement, (limit, *place, caller.id, caller.session))
    if rows[0][0] != caller.version:
        raise NotOnFastPath
    return [row[1:] for row in rows if row[1] is not None]


def _ordinary_page(asked: _Asked, caller: Caller, base: str) -> Page[bytes]:
    require_account(caller)
    source = service.popular_page if asked.is_popular else service.recent_page
    page = source(User(pk=caller.id), asked.cursor, asked.size)
    return page.with_items(
        [json_fragments.fragment_of_card(card, base).json() for card in page.items]
    )


@cache
def _statement(*, is_popular: bool, backward: bool) -> str:
    """Return the statement of ``social.explore.sql``, whose last parameters name the caller."""
    me, session = ("$4::bigint", "$5::bigint") if is_popular else ("$3::bigint", "$4::bigint")
    keys = ("rank", "photo") if is_popular else ("photo",)
    listed = sql.popular if is_popular else sql.recent
    direction = "ASC" if backward else "DESC"
    return _STATEMENT.strip().format(
        account=compiled_sql(tokens.auth_version_of, [me, session]),
        listed=listed(me, backward=backward),
        order=", ".join(f"listed.{key} {direction}" for key in keys),
    )
