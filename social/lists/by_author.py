"""The photos of a person as a list before Django: ``GET /api/v1/users/<username>/photos/``."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts import account_cache
from accounts.models import User
from minigram_site.cache import require_changes_of
from minigram_site.db import compiled_sql
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, parse_cursor
from photos.api.json_fragments import fragment_of_card, knows_author
from photos.card_pages import by_author
from photos.card_pages.as_json import json_page
from social import people
from social.feed.fast_feed import CACHED_QUERY
from social.feed.fast_reads import Caller, NotOnFastPath, is_postgresql, require_account
from social.lists.statement import Row, rows_of, with_account

_ME, _SESSION, _NAME = "$3::bigint", "$4::bigint", "$5::varchar"
# Who is asked for, if the caller may see their photos, then these photos.
_LISTED = """
SELECT person.id AS author, listed.* FROM ({person}) person
LEFT JOIN LATERAL ({photos}) listed ON TRUE
"""


def read(caller: Caller, username: str, query: str, base: str) -> tuple[Page[bytes], str]:
    """Return a page of a person's photos, newest first, each as JSON, and the end of its links.

    One query, again where somebody or something on the page has changed since the server was
    chosen; one more for callers with blocks, and where this process does not know a photo. Raises
    ``NotOnFastPath`` if the account does not confirm the token, the caller may not see the photos,
    and for an unusual query string; ``InvalidCursor`` for a number past 63 bits.
    """
    words = CACHED_QUERY.fullmatch(query)
    if words is None:
        raise NotOnFastPath
    cursor, size = parse_cursor(words[1]), int(words[2]) if words[2] else PAGE_SIZE
    source = _page if is_postgresql() else _ordinary_page
    page = source(caller, username, cursor, size, base)
    return page, f"&limit={words[2]}" if words[2] else ""


def _page(
    caller: Caller, username: str, cursor: Cursor | None, size: int, base: str
) -> Page[bytes]:
    whole = not knows_author(username, base)
    author = 0

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        nonlocal author
        edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
        statement = _statement(backward=backward, whole=whole)
        values = (edge, limit, caller.id, caller.session, username)
        rows = rows_of(statement, values, caller)
        if not rows:
            raise NotOnFastPath
        author = rows[0][0]
        return [row[1:] for row in rows if row[1] is not None]

    def read_once() -> Page[bytes]:
        return json_page(fetch, cursor, size, caller.id, base, whole=whole)

    page = read_once()
    return read_once() if require_changes_of(_names(author, caller)) else page


def _names(author: int, caller: Caller) -> list[str]:
    """Return the names of what decides whether the caller may see this author's photos."""
    return [
        account_cache.account_dependency(author),
        account_cache.blocks_dependency(caller.id),
        account_cache.relation_leaf(caller.id, author),
    ]


def _ordinary_page(
    caller: Caller, username: str, cursor: Cursor | None, size: int, base: str
) -> Page[bytes]:
    require_account(caller)
    viewer = User(pk=caller.id)
    with suppress(Http404):
        person = people.profile(viewer, username)
        if people.is_viewable(person):
            page = by_author.author_page(person, viewer, cursor, size)
            return page.with_items([fragment_of_card(card, base).json() for card in page.items])
    raise NotOnFastPath


@cache
def _statement(*, backward: bool, whole: bool) -> str:
    """Return the statement for ``_page``: edge, limit, caller, session and name in this order."""
    photos = by_author.statement(_ME, backward=backward, whole=whole, author="person.id")
    listed = _LISTED.strip().format(person=compiled_sql(_person, [_ME, _NAME]), photos=photos)
    return with_account(listed, ["photo"], _ME, _SESSION, backward=backward)


def _person(viewer_id: int, username: str) -> QuerySet[User, Any]:
    """Return the query for the id of a person whose photos the viewer may see."""
    people = User.objects.viewable_by(User(pk=viewer_id)).filter(username=username)
    return people.values_list("id")
