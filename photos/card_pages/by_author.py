"""The photos of one author, page by page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import OuterRef, QuerySet

from accounts.models import User, Viewer
from minigram_site.db import IndexProbe, compiled_sql, fetch_compiled, fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos import card_pages
from photos.card_pages import Row
from photos.card_pages.kept import knows_author
from photos.cards import PhotoCard, cards_of
from photos.models import Photo, PhotoQuerySet, Pin


def author_page(
    author: User,
    viewer: Viewer,
    cursor: Cursor | None,
    size: int = PAGE_SIZE,
    *,
    pinned: bool = True,
) -> Page[PhotoCard]:
    """Return one page of the photos of ``author`` that ``viewer`` may see, newest first.

    What is archived is not among them, for its author neither; without ``pinned`` nor are pinned
    ones. One query on PostgreSQL, two on SQLite.
    """
    if card_pages.is_available():
        whole = not knows_author(author.username)

        def fetch(at: Cursor | None, limit: int) -> list[Row]:
            edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
            values = [edge, limit, author.pk]
            if viewer.pk is None:
                text = statement("", backward=backward, whole=whole, pinned=pinned)
                return fetch_prepared(read_alias(), text, values)
            text = statement("$4::bigint", backward=backward, whole=whole, pinned=pinned)
            return fetch_prepared(read_alias(), text, [*values, viewer.pk])

        return card_pages.read_page(fetch, cursor, size, viewer, whole=whole)
    page = build_page(
        lambda at, limit: _ids_of(author, at, limit, pinned=pinned), cursor, size, lambda pk: (pk,)
    )
    return page.with_items(cards_of(page.items, viewer))


def _ids_of(author: User, cursor: Cursor | None, limit: int, *, pinned: bool) -> list[int]:
    backward = cursor is not None and cursor.backward

    def build(author_id: int, *position: int) -> QuerySet[Photo, Any]:
        at = Cursor(position, backward=backward) if cursor else None
        return beyond(_photos(author_id, pinned=pinned), at).values_list("id")[:limit]

    key = ("photos of", backward, cursor is None, limit, pinned)
    values = [author.pk, *(cursor.position if cursor else ())]
    return [row[0] for row in fetch_compiled(key, build, values)]


@cache
def statement(
    viewer: str,
    *,
    backward: bool,
    whole: bool = False,
    pinned: bool = True,
    author: str = "$3::bigint",
) -> str:
    """Return the statement for the photos past the id ``$1`` of an author, ``$2`` of them.

    ``viewer`` and ``author`` are the SQL of their ids; that of a visitor is empty. A ``whole`` row
    has all of a card; without ``pinned`` there are no pinned ones.
    """
    page = newest_of("$1::bigint", author, backward=backward, pinned=pinned)
    return card_pages.page_statement(
        page, ["photo"], viewer, backward=backward, limit="$2", whole=whole
    )


def newest_of(edge: str, author: str, *, backward: bool = False, pinned: bool = True) -> str:
    """Return the query for the ids of an author's photos past an id, both as SQL, newest first."""

    def build(edge: int, author_id: int) -> QuerySet[Photo, Any]:
        photos = _photos(author_id, pinned=pinned)
        return beyond(photos, Cursor((edge,), backward=backward)).values_list("id")

    return compiled_sql(build, [edge, author])


def _photos(author_id: int, *, pinned: bool) -> PhotoQuerySet:
    photos = Photo.objects.listed().filter(author=author_id)
    if pinned:
        return photos
    return photos.exclude(IndexProbe(Pin.objects.filter(photo=OuterRef("pk"))))
