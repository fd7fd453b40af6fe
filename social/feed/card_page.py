"""A page of the home feed as cards, by one statement of PostgreSQL (``photos.card_pages``)."""

from __future__ import annotations

from functools import cache

from accounts.models import User
from minigram_site.cache import require_changes_of
from minigram_site.db import fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor
from photos import card_pages
from photos.card_pages import Row
from social.feed import sql, tagged
from social.feed.cache import feed_dependencies
from social.feed.page import FeedPage

_ME = "$1::bigint"
# One look into an index for each photo of the page, in the statement that reads it anyway.
_SAVED = f"""
SELECT TRUE FROM social_savedphoto kept WHERE kept.user_id = {_ME} AND kept.photo_id = entry.id
"""  # noqa: S608 - our own text
_PARAMETERS = {"me": _ME, "at": "$2::bigint", "limit": "$3::bigint"}


def read_page(owner: User, cursor: Cursor | None, size: int) -> FeedPage:
    """Return a page of the home feed of ``owner``. One query, two below the stored part.

    One more for people who follow tags.
    """
    require_changes_of(feed_dependencies(owner.pk))
    tags: dict[int, str] = {}
    saved: set[int] = set()

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
        values = [owner.pk, edge, limit]
        rows = fetch_prepared(read_alias(), _stored(backward=backward), values)
        _, floor, follows_tags, *_ = rows[0]
        rows = [row for row in rows if row[0] is not None]
        if floor is None or not sql.covers(floor, [row[0] for row in rows], at, limit):
            rows = fetch_prepared(read_alias(), _pulled(backward=backward), values)
        if follows_tags:
            brought = fetch_prepared(read_alias(), _tagged(backward=backward), values)
            tags.update((row[0], row[1]) for row in brought)
            rows = tagged.merge(rows, brought, limit, backward=backward)
        saved.update(row[0] for row in rows if row[3])
        return rows

    page = card_pages.read_page(fetch, cursor, size, owner, further=3)
    return FeedPage(page.items, page.next, page.previous, tags, frozenset(saved))


@cache
def _stored(*, backward: bool) -> str:
    stored = sql.stored("postgresql", backward=backward) % _PARAMETERS
    return _statement(stored, "complete_from", "follows_tags", backward=backward)


@cache
def _pulled(*, backward: bool) -> str:
    pulled = sql.pulled("postgresql", backward=backward) % _PARAMETERS
    return _statement(pulled, "NULL", "NULL", backward=backward)


@cache
def _tagged(*, backward: bool) -> str:
    brought = tagged.statement("postgresql", backward=backward) % _PARAMETERS
    return _statement(brought, "key", "NULL", backward=backward)


def _statement(entries: str, *further: str, backward: bool) -> str:
    columns = ", ".join(further)
    page = f"SELECT entry.id, {columns}, ({_SAVED}) FROM ({entries}) entry"  # noqa: S608 - our own
    return card_pages.page_statement(
        page, ["photo"], _ME, backward=backward, further=["first", "second", "saved"]
    )
