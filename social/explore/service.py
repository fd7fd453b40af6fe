"""Pages of explore: the newest public photos, or the most popular ones; the trending tags."""

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
from social.explore import snapshots, sql
from social.explore.popular import Key, popular_places
from social.explore.sql import POPULAR, RECENT, recent_photos
from social.explore.trending import TrendingTag

__all__ = ["POPULAR", "RECENT", "popular_page", "recent_page", "trending_tags"]


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

    The cursor has rank and id, and the snapshot of the first page. One query on PostgreSQL, two on
    SQLite; the first page costs one more where there is nothing to show, and once a period what
    ``snapshots.renew`` does.
    """
    page, snapshot = _popular(viewer, cursor, size)
    if cursor is None and _is_due(snapshot) and snapshots.renew(wait=not snapshot):
        page, snapshot = _popular(viewer, cursor, size)
    return page.as_of(snapshot)


def trending_tags() -> tuple[TrendingTag, ...]:
    """Return the trending tags, the first first.

    No query where this process has asked in this period; else one, and what ``popular_page`` says.
    """
    found = snapshots.newest()
    if (found is None or snapshots.is_due(found.pk)) and snapshots.renew(wait=found is None):
        found = snapshots.newest()
    return found.trending if found else ()


def _is_due(snapshot: int) -> bool:
    """Tell whether to compute a snapshot; where no place was shown, the newest is asked for."""
    if not snapshot:
        found = snapshots.newest()
        snapshot = found.pk if found else 0
    return snapshots.is_due(snapshot)


def _popular(viewer: Viewer, cursor: Cursor | None, size: int) -> tuple[Page[PhotoCard], int]:
    """Return a page without its snapshot in the cursors, and that snapshot: 0 for no photos."""
    snapshot = 0
    by_statement = card_pages.is_available()

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        nonlocal snapshot
        since, rank, backward = MAX_ID, MAX_ID, False
        if at is not None:
            since, rank, backward = at.since, at.position[0], at.backward
        if by_statement:
            statement = sql.popular(_place(viewer, 4), backward=backward)
            values = [limit, since, rank, *_known(viewer)]
            rows = fetch_prepared(read_alias(), statement, values)
        else:
            rows = _places(viewer, since, rank, limit, backward=backward)
        snapshot = rows[0][2] if rows else 0
        return rows

    if by_statement:
        page = card_pages.read_page(fetch, cursor, size, viewer, keys=2, further=1)
        return page, snapshot
    places = build_page(fetch, cursor, size, lambda row: row[:2])
    return places.with_items(cards_of([row[1] for row in places.items], viewer)), snapshot


def _places(viewer: Viewer, snapshot: int, rank: int, limit: int, *, backward: bool) -> list[Key]:
    def build(*values: int) -> QuerySet[Any, Any]:
        return popular_places(*values, backward=backward)[:limit]

    key = ("popular", backward, limit)
    return fetch_compiled(key, build, [snapshot, rank, *_known(viewer)])


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
