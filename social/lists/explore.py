"""Explore as a list before Django: ``GET /api/v1/explore/``.

The first page of the popular photos is Django's where a new ranking is due.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from accounts.models import User
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, parse_cursor
from photos.api.json_fragments import fragment_of_card
from photos.card_pages.as_json import json_page
from social.explore import service, sql
from social.explore.snapshots import is_due
from social.feed.fast_reads import Caller, NotOnFastPath, is_postgresql, require_account
from social.lists.statement import Row, rows_of, with_account

# As the links to further pages have them: in this order, and no other parameter.
_QUERY = re.compile(
    r"(?:cursor=([np][0-9]{1,19}(?:_[0-9]{1,19}t[0-9]{1,19})?))?"
    r"(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?"
    r"(?:(?:^|&)sort=(recent|popular))?"
)


class _Asked(NamedTuple):
    """What a request asks for; ``tail`` is how the query strings of its links end."""

    is_popular: bool
    cursor: Cursor | None
    size: int
    tail: str


def read(caller: Caller, _: str, query: str, base: str) -> tuple[Page[bytes], str]:
    """Return the page, each photo as JSON, and how the query strings of its links end.

    One query; one more for callers with blocks, and where this process does not know a photo.
    Raises ``NotOnFastPath`` if the account does not confirm the token, where a ranking is due, and
    for an unusual query string; ``InvalidCursor`` for a number past 63 bits.
    """
    asked = _asked(query)
    return _page(asked, caller, base), asked.tail


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

    page = json_page(fetch, asked.cursor, asked.size, caller.id, base, keys=keys, further=further)
    return page.as_of(snapshot) if asked.is_popular else page


def _rows(asked: _Asked, caller: Caller, at: Cursor | None, limit: int) -> list[Row]:
    edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
    place = (at.since if at else MAX_ID, edge) if asked.is_popular else (edge,)
    statement = _statement(is_popular=asked.is_popular, backward=backward)
    return rows_of(statement, (limit, *place, caller.id, caller.session), caller)


def _ordinary_page(asked: _Asked, caller: Caller, base: str) -> Page[bytes]:
    require_account(caller)
    source = service.popular_page if asked.is_popular else service.recent_page
    page = source(User(pk=caller.id), asked.cursor, asked.size)
    return page.with_items([fragment_of_card(card, base).json() for card in page.items])


@cache
def _statement(*, is_popular: bool, backward: bool) -> str:
    """Return the statement of ``social.explore.sql``, whose last parameters name the caller."""
    me, session = ("$4::bigint", "$5::bigint") if is_popular else ("$3::bigint", "$4::bigint")
    keys = ("rank", "photo") if is_popular else ("photo",)
    listed = (sql.popular if is_popular else sql.recent)(me, backward=backward)
    return with_account(listed, keys, me, session, backward=backward)
