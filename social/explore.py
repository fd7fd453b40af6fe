"""Explore: recent and popular photos of public accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User, Viewer
from minigram_site.db import fetch_compiled
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos.cards import PhotoCard, cards_of
from photos.models import Photo, PhotoStats

RECENT = ("id",)
POPULAR = ("popularity", "photo_id")
Source = Callable[[Viewer], QuerySet[Any, Any]]


def recent_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, newest first. Two queries."""
    return _page(_recent, RECENT, viewer, cursor, size)


def popular_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, most popular first. Two queries.

    The cursor has two numbers: popularity and id.
    """
    return _page(_popular, POPULAR, viewer, cursor, size)


def _recent(viewer: Viewer) -> QuerySet[Any, Any]:
    return Photo.objects.filter(Exists(_public(viewer).filter(pk=OuterRef("author_id"))))


def _popular(viewer: Viewer) -> QuerySet[Any, Any]:
    return PhotoStats.objects.filter(
        Exists(_public(viewer).filter(pk=OuterRef("photo__author_id")))
    )


def _public(viewer: Viewer) -> QuerySet[User, Any]:
    """Return the public people that ``viewer`` may see.

    Used as a subquery per photo (``Exists``) rather than a join, so that both databases walk the
    photos in the order of the page and stop when it is full.
    """
    return User.objects.viewable_by(viewer).filter(is_private=False)


def _page(
    source: Source, keys: tuple[str, ...], viewer: Viewer, cursor: Cursor | None, size: int
) -> Page[PhotoCard]:
    page = build_page(
        lambda at, limit: _keys_past(source, keys, viewer, at, limit), cursor, size, lambda row: row
    )
    return page.with_items(cards_of([row[-1] for row in page.items], viewer))


def _keys_past(
    source: Source, keys: tuple[str, ...], viewer: Viewer, cursor: Cursor | None, limit: int
) -> list[tuple[int, ...]]:
    """Return the sort keys of up to ``limit`` photos past the cursor; the last is the id."""
    known = viewer.pk is not None
    backward = cursor is not None and cursor.backward

    def build(*values: int) -> QuerySet[Any, Any]:
        who, position = (User(pk=values[0]), values[1:]) if known else (AnonymousUser(), values)
        at = Cursor(position, backward=backward) if cursor else None
        return beyond(source(who), at, keys).values_list(*keys)[:limit]

    values = [] if viewer.pk is None else [viewer.pk]
    key = ("explore", keys, known, backward, limit)
    return fetch_compiled(key, build, [*values, *(cursor.position if cursor else ())])
