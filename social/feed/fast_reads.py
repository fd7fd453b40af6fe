"""Reads of the fast path: a page of the home feed or one photo, as JSON bytes.

On PostgreSQL either is one prepared statement, composed of the SQL that the ordinary path uses: the
account behind the token (``accounts.api.tokens``), the ids of the page (``social.feed.sql``), and
for each of them the visibility rule, the counts and "liked by me" (``photos.cards``). No rule is
written here a second time; one statement saves round trips. SQLite runs in the same process and
has none to save: it is asked the ordinary queries one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from accounts.account_cache import account_of_session
from accounts.api import tokens
from accounts.models import User
from minigram_site.cache import require_changes_of
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, on_primary, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor, Page, build_page
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Fragment, VisiblePhoto
from photos.cards import card_of, cards_of, read_rows, with_seen_counts
from social import feed
from social.feed import sql
from social.feed.cache import feed_dependencies

# At least one row, which says whether the account confirms the token.
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
# The viewer, the edge of the page (or the photo) and how many, as parameters of the statement; the
# fourth is the session.
_PARAMETERS = {"me": "$1::bigint", "at": "$2::bigint", "limit": "$3::bigint"}
_STORED, _PULLED, _PHOTO = "stored", "pulled", "photo"

Row = tuple[Any, ...]


class NotOnFastPath(Exception):
    """The fast path cannot answer this request; Django does."""


class PageIds(NamedTuple):
    """The photos of a page; ``authors`` by photo also holds the first photo of the next page.

    ``merged`` tells whether photos of famous authors are merged when the feed is read.
    """

    page: Page[int]
    authors: dict[int, int]
    merged: bool


class Caller(NamedTuple):
    """The account and session that a token names, and the ``auth_version`` it was issued for."""

    id: int
    version: int
    session: int


def feed_page_json(caller: Caller, cursor: Cursor | None, size: int, base: str) -> Page[bytes]:
    """Return a page of the caller's home feed, each photo as JSON bytes.

    ``base`` is the scheme and host that addresses begin with. Raises ``NotOnFastPath`` if the
    account does not confirm the token. One query, two below the stored part of the feed; the page
    is read again where a photo on it has changed since. One more for callers with blocks.
    """
    require_changes_of(feed_dependencies(caller.id))
    if not is_postgresql():
        require_account(caller)
        page = feed.feed_page(User(pk=caller.id), cursor, size)
        return page.with_items(
            [json_fragments.fragment_of_card(card, base).json() for card in page.items]
        )

    def read() -> Page[Row]:
        return build_page(
            lambda at, limit: _page_rows(caller, at, limit), cursor, size, lambda row: row[:1]
        )

    rows = read()
    if require_changes_of(photo_cache.names_of((row[0] for row in rows.items), caller.id)):
        rows = read()
    return rows.with_items(_to_json(rows.items, caller, base))


def photo_json(caller: Caller, photo_id: int, base: str) -> bytes:
    """Return one photo as JSON bytes. One query, two for callers with blocks.

    Raises ``NotOnFastPath`` if the account does not confirm the token or may not see the photo.
    """
    if is_postgresql():
        found = _to_json(_query(caller, _PHOTO, photo_id, 1)[1], caller, base)
    else:
        require_account(caller)
        cards = cards_of([photo_id], User(pk=caller.id))
        found = [json_fragments.fragment_of_card(card, base).json() for card in cards]
    if not found:
        raise NotOnFastPath
    return found[0]


def page_ids(owner: User, cursor: Cursor | None, size: int) -> PageIds:
    """Return which photos a page of a home feed holds, before the visibility rule is applied.

    One query, two below the stored part of the feed.
    """
    if not is_postgresql():
        seen: list[int] = []
        page = feed.ids_page(owner, cursor, size, seen)
        return PageIds(page, photo_cache.authors_of(seen), merged=bool(feed.famous_of(owner)))
    authors: dict[int, int] = {}
    merged = False

    def ask(source: str, at: int, limit: int, *, backward: bool) -> tuple[int | None, list[Row]]:
        nonlocal merged
        statement = _ids_statement(source, backward=backward)
        rows = fetch_prepared(read_alias(), statement, (owner.pk, at, limit))
        floor, _, _, merged = rows[0]
        return floor, [row[1:3] for row in rows if row[1] is not None]

    def fetch(at: Cursor | None, limit: int) -> list[int]:
        authors.update(_stored_or_pulled(ask, at, limit))
        return list(authors)

    return PageIds(build_page(fetch, cursor, size, lambda pk: (pk,)), authors, merged)


def visible_photos(viewer_id: int, photo_ids: Sequence[int]) -> list[VisiblePhoto]:
    """Return those of these photos that the viewer may see, with their stored counts. One query."""
    if not is_postgresql():
        cards = map(card_of, read_rows(photo_ids, viewer_id))
        return [VisiblePhoto(card.id, (), *card[-4:]) for card in cards]
    # As PostgreSQL writes an array: psycopg would look at each number for its type.
    parameters = (viewer_id, f"{{{','.join(map(str, photo_ids))}}}")
    rows = fetch_prepared(read_alias(), _shown_statement(), parameters)
    return list(map(json_fragments.visible_photo, rows))


def fragments_by_id(viewer_id: int, photo_ids: Sequence[int], base: str) -> dict[int, Fragment]:
    """Return the JSON of those photos that the viewer may see, by id, with their stored counts.

    One query, or two where this process has not rendered one of them yet.
    """
    if not is_postgresql():
        cards = map(card_of, read_rows(photo_ids, viewer_id))
        return {card.id: json_fragments.fragment_of_card(card, base) for card in cards}
    found = json_fragments.fragments_of(visible_photos(viewer_id, photo_ids), viewer_id, base)
    return {fragment.id: fragment for fragment in found}


def authenticated_user(caller: Caller) -> User:
    """Return the caller's account. No query where it is cached, one otherwise.

    Raises ``NotOnFastPath`` if it does not confirm the token.
    """
    user = account_of_session(caller.id, caller.session)
    if user is None or user.auth_version != caller.version:
        raise NotOnFastPath
    return user


def _page_rows(caller: Caller, cursor: Cursor | None, limit: int) -> list[Row]:
    return _stored_or_pulled(partial(_query, caller), cursor, limit)


def _stored_or_pulled(
    ask: Callable[..., tuple[int | None, list[Row]]], cursor: Cursor | None, limit: int
) -> list[Row]:
    """Return the rows past ``cursor`` from the stored feed, or pulled where it does not reach."""
    at, backward = (cursor.position[0], cursor.backward) if cursor else (MAX_ID, False)
    floor, rows = ask(_STORED, at, limit, backward=backward)
    if floor is None or not feed.covers(floor, [row[0] for row in rows], cursor, limit):
        _, rows = ask(_PULLED, at, limit, backward=backward)
    return rows


def _query(
    caller: Caller, source: str, at: int, limit: int, *, backward: bool = False
) -> tuple[int | None, list[Row]]:
    """Return from where the stored feed is complete, and the rows: the id, what is shown of it."""
    alias = read_alias()
    if alias != DEFAULT_DB_ALIAS:
        # A replica may lag behind a suspension or a new password.
        require_account(caller)
    parameters = (caller.id, at, limit, caller.session)
    rows = fetch_prepared(alias, _statement(source, backward=backward), parameters)
    version, floor, first, *_ = rows[0]
    if version != caller.version:
        raise NotOnFastPath
    return floor, [] if first is None else [row[2:] for row in rows]


def _to_json(rows: list[Row], caller: Caller, base: str) -> list[bytes]:
    """Return the JSON of the photos in these rows that the caller may see. No query, or three."""
    visible = [json_fragments.visible_photo(row[1:]) for row in rows if row[1] is not None]
    visible = with_seen_counts(visible, caller.id)
    return [fragment.json() for fragment in json_fragments.fragments_of(visible, caller.id, base)]


def require_account(caller: Caller) -> None:
    """Raise ``NotOnFastPath`` unless the account confirms the caller's token. One query."""
    with on_primary():
        named = [caller.id, caller.session]
        rows = fetch_compiled(("auth version",), tokens.auth_version_of, named)
    if rows != [(caller.version,)]:
        raise NotOnFastPath


@cache
def _statement(source: str, *, backward: bool) -> str:
    return _STATEMENT.strip().format(
        account=compiled_sql(tokens.auth_version_of, [_PARAMETERS["me"], "$4::bigint"]),
        page=_page(source, backward=backward) % _PARAMETERS,
        shown=json_fragments.visible_photo_sql(_PARAMETERS["me"], "page.id"),
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
    return _SHOWN.strip().format(
        shown=json_fragments.visible_photo_sql(_PARAMETERS["me"], "asked.id")
    )


def _page(source: str, *, backward: bool) -> str:
    """Return the query for where the stored feed is complete from, and the ids of the page."""
    if source == _STORED:
        return sql.stored("postgresql", backward=backward)
    if source == _PULLED:
        pulled = sql.pulled("postgresql", backward=backward)
        return f"SELECT NULL, pulled.id FROM ({pulled}) pulled"  # noqa: S608 - our own text
    return "SELECT NULL, %(at)s WHERE %(limit)s = 1"


def is_postgresql() -> bool:
    """Tell whether the primary is a PostgreSQL: only there one statement can do it all."""
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
