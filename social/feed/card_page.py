"""A page of the home feed as cards, by one statement of PostgreSQL (``photos.card_pages``)."""

from __future__ import annotations

from functools import cache

from accounts.models import User
from minigram_site.cache import require_changes_of
from minigram_site.db import fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor, Page
from photos import card_pages
from photos.card_pages import Row
from photos.cards import PhotoCard
from social.feed import sql
from social.feed.cache import feed_dependencies

_ME = "$1::bigint"
_PARAMETERS = {"me": _ME, "at": "$2::bigint", "limit": "$3::bigint"}


def read_page(owner: User, cursor: Cursor | None, size: int) -> Page[PhotoCard]:
    """Return a page of the home feed of ``owner``. One query, two below the stored part."""
    require_changes_of(feed_dependencies(owner.pk))

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
        values = [owner.pk, edge, limit]
        rows = fetch_prepared(read_alias(), _stored(backward=backward), values)
        floor = rows[0][1]
        rows = [row for row in rows if row[0] is not None]
        if floor is not None and sql.covers(floor, [row[0] for row in rows], at, limit):
            return rows
        return fetch_prepared(read_alias(), _pulled(backward=backward), values)

    return card_pages.read_page(fetch, cursor, size, owner, further=1)


@cache
def _stored(*, backward: bool) -> str:
    stored = sql.stored("postgresql", backward=backward) % _PARAMETERS
    return _statement("complete_from", stored, backward=backward)


@cache
def _pulled(*, backward: bool) -> str:
    pulled = sql.pulled("postgresql", backward=backward) % _PARAMETERS
    return _statement("NULL", pulled, backward=backward)


def _statement(floor: str, entries: str, *, backward: bool) -> str:
    page = f"SELECT entry.id, {floor} FROM ({entries}) entry"  # noqa: S608 - our own text
    return card_pages.page_statement(
        page, ["photo"], _ME, backward=backward, further=["complete_from"]
    )
