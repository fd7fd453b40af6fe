"""The photos of one author, page by page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import QuerySet

from accounts.models import User, Viewer
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos import card_pages
from photos.card_pages import Row
from photos.cards import PhotoCard, cards_of
from photos.models import Photo


def author_page(
    author: User, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[PhotoCard]:
    """Return one page of the photos of ``author`` that ``viewer`` may see, newest first.

    One query on PostgreSQL, two on SQLite.
    """
    if card_pages.is_available():

        def fetch(at: Cursor | None, limit: int) -> list[Row]:
            edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
            values = [edge, limit, author.pk]
            if viewer.pk is None:
                return fetch_prepared(read_alias(), statement("", backward=backward), values)
            text = statement("$4::bigint", backward=backward)
            return fetch_prepared(read_alias(), text, [*values, viewer.pk])

        return card_pages.read_page(fetch, cursor, size, viewer)
    page = build_page(lambda at, limit: _ids_of(author, at, limit), cursor, size, lambda pk: (pk,))
    return page.with_items(cards_of(page.items, viewer))


def _ids_of(author: User, cursor: Cursor | None, limit: int) -> list[int]:
    backward = cursor is not None and cursor.backward

    def build(author_id: int, *position: int) -> QuerySet[Photo, Any]:
        at = Cursor(position, backward=backward) if cursor else None
        photos = Photo.objects.filter(author=author_id, hidden=False)
        return beyond(photos, at).values_list("id")[:limit]

    values = [author.pk, *(cursor.position if cursor else ())]
    return [row[0] for row in fetch_compiled(("photos of", backward, limit), build, values)]


@cache
def statement(viewer: str, *, backward: bool) -> str:
    """Return the statement for the photos past the id ``$1`` of author ``$3``, ``$2`` of them.

    ``viewer`` is the SQL of the viewer's id, empty for visitors.
    """

    def build(edge: int, author_id: int) -> QuerySet[Photo, Any]:
        photos = Photo.objects.filter(author=author_id, hidden=False)
        return beyond(photos, Cursor((edge,), backward=backward)).values_list("id")

    page = compiled_sql(build, ["$1::bigint", "$3::bigint"])
    return card_pages.page_statement(page, ["photo"], viewer, backward=backward, limit="$2")
