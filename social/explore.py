"""Explore: recent and popular photos of public accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User, Viewer
from minigram_site.db import fetch_compiled
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos.cards import PhotoCard, cards_of
from photos.models import Photo
from social.popular import first_keys, later_keys, public_people

RECENT = ("id",)
POPULAR = ("popularity", "photo_id")


def recent_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, newest first. Two queries."""
    page = build_page(lambda at, limit: _recent(viewer, at, limit), cursor, size, lambda pk: (pk,))
    return page.with_items(cards_of(page.items, viewer))


def popular_page(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos that ``viewer`` may see, most popular first. Two queries.

    The cursor has two numbers, popularity and id, and the newest like of its moment.
    """
    since = cursor.since if cursor else 0

    def fetch(at: Cursor | None, limit: int) -> list[tuple[int, ...]]:
        nonlocal since
        if at is not None:
            return later_keys(viewer, at, limit)
        keys, since = first_keys(viewer, limit)
        return keys

    page = build_page(fetch, cursor, size, lambda key: key).as_of(since)
    return page.with_items(cards_of([key[-1] for key in page.items], viewer))


def _recent(viewer: Viewer, cursor: Cursor | None, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` photos past the cursor."""
    known = viewer.pk is not None
    backward = cursor is not None and cursor.backward

    def build(*values: int) -> QuerySet[Any, Any]:
        who, position = (User(pk=values[0]), values[1:]) if known else (AnonymousUser(), values)
        at = Cursor(position, backward=backward) if cursor else None
        people = public_people(who).filter(pk=OuterRef("author_id"))
        photos = Photo.objects.filter(Exists(people), hidden=False)
        return beyond(photos, at, RECENT).values_list(*RECENT)[:limit]

    values = [] if viewer.pk is None else [viewer.pk]
    values += cursor.position if cursor else ()
    return [row[0] for row in fetch_compiled(("explore", known, backward, limit), build, values)]
