"""What the lean path reads: a page of the home feed or one photo, as ready JSON.

On PostgreSQL either is one prepared statement, put together from the texts that the ordinary
path uses: the account behind the token (``accounts.api.tokens``), the ids of the page
(``feed_sql``), and for each of them the visibility rule, the counts and "liked by me"
(``photos.cards``). Nothing is decided here a second time; one statement only saves the ways
between. SQLite, which is no way off, is asked the ordinary questions one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from accounts.account_cache import account
from accounts.api import tokens
from accounts.models import User
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, on_primary, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor, Page, build_page
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Piece, Shown
from photos.cards import card_of, cards_of, read_rows
from social import feed
from social.feed import sql

# At least one row, which says whether the account stands behind the token.
_STATEMENT = """
SELECT account.auth_version, page.complete_from, page.id, shown.*
FROM (SELECT 1) one
LEFT JOIN ({account}) account ON TRUE
LEFT JOIN ({page}) page(complete_from, id) ON TRUE
LEFT JOIN LATERAL ({shown}) shown ON TRUE
ORDER BY page.id {direction}
"""
# The ids alone, with their authors, and whether photos of the famous are merged into the page.
_IDS = """
SELECT page.complete_from, page.id, photo.author_id, EXISTS({famous})
FROM (SELECT 1) one
LEFT JOIN ({page}) page(complete_from, id) ON TRUE
LEFT JOIN photos_photo photo ON photo.id = page.id
ORDER BY page.id {direction}
"""
_SHOWN = """
SELECT shown.* FROM unnest($2::bigint[]) asked(id) CROSS JOIN LATERAL ({shown}) shown
"""
# The viewer, the edge of the page (or the photo) and how many, as parameters of the statement.
_PARAMETERS = {"me": "$1::bigint", "at": "$2::bigint", "limit": "$3::bigint"}
_STORED, _PULLED, _PHOTO = "stored", "pulled", "photo"

Row = tuple[Any, ...]


class NotOrdinary(Exception):
    """The lean path does not answer this request: the ordinary one does."""


class Ids(NamedTuple):
    """Which photos a page holds; the authors of all that decide it, the next page's first too.

    ``merged`` tells whether photos of the famous are merged when the feed is read.
    """

    page: Page[int]
    authors: dict[int, int]
    merged: bool


class Caller(NamedTuple):
    """Whom the token of a request speaks for."""

    id: int
    version: int


def feed_page(caller: Caller, cursor: Cursor | None, size: int, base: str) -> Page[bytes]:
    """Return a page of the caller's home feed. One query, one more below what is stored.

    Raises ``NotOrdinary`` unless the caller's account stands behind the token.
    """
    if not _one_statement():
        _require_standing(caller)
        page = feed.feed_page(User(pk=caller.id), cursor, size)
        return page.with_items([json_fragments.plain(card, base).json() for card in page.items])
    rows = build_page(lambda at, limit: _rows(caller, at, limit), cursor, size, lambda row: row[:1])
    return rows.with_items(_ready(rows.items, caller, base))


def photo(caller: Caller, photo_id: int, base: str) -> bytes:
    """Return one photo. One query; ``NotOrdinary`` as above, or if the caller may not see it."""
    if _one_statement():
        found = _ready(_ask(caller, _PHOTO, photo_id, 1)[1], caller, base)
    else:
        _require_standing(caller)
        cards = cards_of([photo_id], User(pk=caller.id))
        found = [json_fragments.plain(card, base).json() for card in cards]
    if not found:
        raise NotOrdinary
    return found[0]


def ids(owner: User, cursor: Cursor | None, size: int) -> Ids:
    """Return which photos a page of a home feed holds, without asking who may read it.

    One query, one more below what is stored.
    """
    if not _one_statement():
        seen: list[int] = []
        page = feed.ids_page(owner, cursor, size, seen)
        return Ids(page, photo_cache.authors_of(seen), merged=bool(feed.famous_of(owner)))
    authors: dict[int, int] = {}
    merged = False

    def ask(source: str, at: int, limit: int, *, backward: bool) -> tuple[int | None, list[Row]]:
        nonlocal merged
        statement = _ids_statement(source, backward=backward)
        rows = fetch_prepared(read_alias(), statement, (owner.pk, at, limit))
        floor, _, _, merged = rows[0]
        return floor, [row[1:3] for row in rows if row[1] is not None]

    def fetch(at: Cursor | None, limit: int) -> list[int]:
        authors.update(_reached(ask, at, limit))
        return list(authors)

    return Ids(build_page(fetch, cursor, size, lambda pk: (pk,)), authors, merged)


def shown(viewer_id: int, photo_ids: Sequence[int]) -> list[Shown]:
    """Return which of these photos somebody may see, and what changes of them. One query."""
    if not _one_statement():
        cards = map(card_of, read_rows(photo_ids, viewer_id))
        return [Shown(c.id, (), c.like_count, c.comment_count, c.liked) for c in cards]
    # As PostgreSQL writes an array: psycopg would look at each number for its type.
    parameters = (viewer_id, f"{{{','.join(map(str, photo_ids))}}}")
    rows = fetch_prepared(read_alias(), _shown_statement(), parameters)
    return list(map(json_fragments.shown, rows))


def pieces(viewer_id: int, photo_ids: Sequence[int], base: str) -> dict[int, Piece]:
    """Return those of these photos that somebody may see. One query, or two with new ones."""
    if not _one_statement():
        cards = map(card_of, read_rows(photo_ids, viewer_id))
        return {card.id: json_fragments.plain(card, base) for card in cards}
    found = json_fragments.pieces(shown(viewer_id, photo_ids), viewer_id, base)
    return {piece.id: piece for piece in found}


def person(caller: Caller) -> User:
    """Return the caller's account, which is cached; ``NotOrdinary`` as above."""
    user = account(caller.id)
    if user is None or user.auth_version != caller.version:
        raise NotOrdinary
    return user


def _rows(caller: Caller, cursor: Cursor | None, limit: int) -> list[Row]:
    return _reached(partial(_ask, caller), cursor, limit)


def _reached(
    ask: Callable[..., tuple[int | None, list[Row]]], cursor: Cursor | None, limit: int
) -> list[Row]:
    """Return the rows past ``cursor`` from the stored feed, or pulled where it does not reach."""
    at, backward = (cursor.position[0], cursor.backward) if cursor else (MAX_ID, False)
    floor, rows = ask(_STORED, at, limit, backward=backward)
    if floor is None or not feed.covers(floor, [row[0] for row in rows], cursor, limit):
        _, rows = ask(_PULLED, at, limit, backward=backward)
    return rows


def _ask(
    caller: Caller, source: str, at: int, limit: int, *, backward: bool = False
) -> tuple[int | None, list[Row]]:
    """Return from where the stored feed is complete, and the rows: the id, what is shown of it."""
    alias = read_alias()
    if alias != DEFAULT_DB_ALIAS:
        # A replica may be behind with a suspension or a new password.
        _require_standing(caller)
    rows = fetch_prepared(alias, _statement(source, backward=backward), (caller.id, at, limit))
    version, floor, first, *_ = rows[0]
    if version != caller.version:
        raise NotOrdinary
    return floor, [] if first is None else [row[2:] for row in rows]


def _ready(rows: list[Row], caller: Caller, base: str) -> list[bytes]:
    """Return the JSON of what the caller may see of a page."""
    visible = [json_fragments.shown(row[1:]) for row in rows if row[1] is not None]
    return [piece.json() for piece in json_fragments.pieces(visible, caller.id, base)]


def _require_standing(caller: Caller) -> None:
    with on_primary():
        rows = fetch_compiled(("standing",), tokens.standing, [caller.id])
    if rows != [(caller.version,)]:
        raise NotOrdinary


@cache
def _statement(source: str, *, backward: bool) -> str:
    return _STATEMENT.strip().format(
        account=compiled_sql(tokens.standing, [_PARAMETERS["me"]]),
        page=_page(source, backward=backward) % _PARAMETERS,
        shown=json_fragments.shown_sql(_PARAMETERS["me"], "page.id"),
        direction="ASC" if backward else "DESC",
    )


@cache
def _ids_statement(source: str, *, backward: bool) -> str:
    return _IDS.strip().format(
        page=_page(source, backward=backward) % _PARAMETERS,
        famous=sql.FAMOUS % _PARAMETERS,
        direction="ASC" if backward else "DESC",
    )


@cache
def _shown_statement() -> str:
    return _SHOWN.strip().format(shown=json_fragments.shown_sql(_PARAMETERS["me"], "asked.id"))


def _page(source: str, *, backward: bool) -> str:
    """Return the query for where the stored feed is complete from, and the ids of the page."""
    if source == _STORED:
        return sql.stored("postgresql", backward=backward)
    if source == _PULLED:
        pulled = sql.pulled("postgresql", backward=backward)
        return f"SELECT NULL, pulled.id FROM ({pulled}) pulled"  # noqa: S608 - our own text
    return "SELECT NULL, %(at)s WHERE %(limit)s = 1"


def _one_statement() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
