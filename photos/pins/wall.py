"""The wall of a profile as it is opened: the pinned photos, then the newest of all others."""

from __future__ import annotations

from functools import cache

from accounts.models import User, Viewer
from minigram_site.cache import require_changes_of
from minigram_site.db import compiled_sql, fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor, Page
from photos import card_pages, photo_cache
from photos.api.json_fragments import VisiblePhoto
from photos.card_pages import Row
from photos.card_pages.by_author import author_page, newest_of
from photos.card_pages.kept import cards_of_visible, keep, knows_author
from photos.cards import PhotoCard
from photos.pins.service import pinned_cards, pinned_photos

_WALL = "SELECT newest.id, NULL::integer FROM ({newest}) newest UNION ALL ({pinned})"


def wall_of(author: User, viewer: Viewer, size: int) -> tuple[list[PhotoCard], Page[PhotoCard]]:
    """Return the pinned photos that ``viewer`` may see, and the first page of the others.

    One query on PostgreSQL; elsewhere those of ``pinned_cards`` and ``author_page``.
    """
    if not card_pages.is_available():
        others = author_page(author, viewer, None, size, pinned=False)
        return pinned_cards(author, viewer), others
    whole, placed = not knows_author(author.username), list[Row]()

    def fetch(_: Cursor | None, limit: int) -> list[Row]:
        values = [MAX_ID, limit, author.pk, *([] if viewer.pk is None else [viewer.pk])]
        me = "" if viewer.pk is None else "$4::bigint"
        rows = fetch_prepared(read_alias(), _statement(me, whole=whole), values)
        placed[:] = sorted((row for row in rows if row[1]), key=lambda row: row[1])
        return [row for row in rows if not row[1]]

    def read() -> Page[tuple[VisiblePhoto, Row]]:
        return card_pages.visible_page(fetch, None, size, viewer.pk, further=1)

    page = read()
    if placed and require_changes_of(photo_cache.names_of((row[0] for row in placed), viewer.pk)):
        page = read()
    pinned = card_pages.visible_in(placed, 2)
    if whole:
        keep([*pinned, *page.items])
    first, shown = (
        cards_of_visible([photo for photo, _ in photos], viewer.pk)
        for photos in (pinned, page.items)
    )
    return first, page.with_items(shown)


@cache
def _statement(viewer: str, *, whole: bool) -> str:
    """Return the statement for ``wall_of``: ids below ``$1``, ``$2`` of them, of author ``$3``."""
    author = "$3::bigint"
    newest = card_pages.limited(newest_of("$1::bigint", author, pinned=False), "$2")
    wall = _WALL.format(newest=newest, pinned=compiled_sql(pinned_photos, [author]))
    return card_pages.page_statement(
        wall, ["photo"], viewer, backward=False, further=["place"], whole=whole
    )
