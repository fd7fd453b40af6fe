"""Pages of explore: the newest public photos, or the most popular ones."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Viewer
from minigram_site.db import fetch_compiled, fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page
from photos import card_pages
from photos.card_pages import Row
from photos.cards import PhotoCard, cards_of
from social.explore import sql
from social.explore.popular import first_keys, later_keys
from social.explore.sql import POPULAR, RECENT, recent_photos

__all__ = ["POPULAR", "RECENT", "popular_page", "recent_page"]


def recent_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, newest first.

    One query on PostgreSQL, two on SQLite.
    """
    if card_pages.is_available():

        def fetch(at: Cursor | None, limit: int) -> list[Row]:
            edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
            statement = sql.recent(_place(viewer, 3), backward=backward)
            return fetch_prepared(read_alias(), statement, [limit, edge, *_known(viewer)])

        return card_pages.read_page(fetch, cursor, size, viewer)
    page = build_page(lambda at, limit: _recent(viewer, at, limit), cursor, size, lambda pk: (pk,))
    return page.with_items(cards_of(page.items, viewer))


def popular_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, most popular first.

    The cursor has two numbers, popularity and id, and the newest like of its moment. Two queries;
    the first page is one on PostgreSQL.
    """
    if cursor is None and card_pages.is_available():
        return _first_popular(viewer, size)
    since = cursor.since if cursor else 0

    def fetch(at: Cursor | None, limit: int) -> list[tuple[int, ...]]:
        nonlocal since
        if at is not None:
            return later_keys(viewer, at, limit)
        keys, since = first_keys(viewer, limit)
        return keys

    page = build_page(fetch, cursor, size, lambda key: key).as_of(since)
    return page.with_items(cards_of([key[-1] for key in page.items], viewer))


def _first_popular(viewer: Viewer, size: int) -> Page[PhotoCard]:
    newest = 0

    def fetch(_: Cursor | None, limit: int) -> list[Row]:
        nonlocal newest
        statement = sql.popular(_place(viewer, 2))
        rows = fetch_prepared(read_alias(), statement, [limit, *_known(viewer)])
        newest = (rows[0][2] if rows else 0) or 0
        return rows

    page = card_pages.read_page(fetch, None, size, viewer, keys=2, further=1)
    return page.as_of(newest)


def _place(viewer: Viewer, number: int) -> str:
    return "" if viewer.pk is None else f"${number}::bigint"


def _known(viewer: Viewer) -> list[int]:
    return [] if viewer.pk is None else [viewer.pk]


def _recent(viewer: Viewer, cursor: Cursor | None, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` photos past the cursor."""
    backward = cursor is not None and cursor.backward
    known = _known(viewer)

    def build(*values: int) -> QuerySet[Any, Any]:
        position = values[len(known) :]
        at = Cursor(position, backward=backward) if cursor else None
        return recent_photos(values[0] if known else None, at)[:limit]

    values = [*known, *(cursor.position if cursor else ())]
    key = ("explore", bool(known), backward, limit)
    return [row[0] for row in fetch_compiled(key, build, values)]
