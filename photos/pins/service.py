"""The verbs of pins, and the pinned photos as a viewer sees them.

The author's counter row puts pins of one person in an order, and the database has room for three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.models import User, UserStats, Viewer
from minigram_site.db import fetch_hot
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page
from photos.cards import PhotoCard, cards_of
from photos.models import Photo, Pin


class CannotPin(ValueError):
    """A photo cannot be pinned; the message says why, ``code`` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(message)
        self.code = code


@transaction.atomic
def pin(*, photo: Photo) -> None:
    """Show a photo first on its author's profile; one that is pinned moves to the front.

    Four statements. Photos that are in no list any more give up their pins. Raises ``CannotPin``
    for a fourth photo, and for one that is archived.
    """
    _take(photo.author_id)
    if not Photo.objects.listed().filter(pk=photo.pk).exists():
        raise CannotPin(
            gettext("Restore the photo from your archive before you pin it."), "archived"
        )
    order = [photo.pk, *(one for one in _pinned(photo.author_id) if one != photo.pk)]
    if len(order) > Pin.MOST:
        raise CannotPin(
            gettext("You’ve already pinned %(most)s photos. Unpin one first.") % {"most": Pin.MOST},
            "too_many_pins",
        )
    _write(photo.author_id, order)


@transaction.atomic
def unpin(*, photo: Photo) -> None:
    """Take a photo from the front of its author's profile; without a pin nothing changes."""
    _take(photo.author_id)
    Pin.objects.filter(photo=photo).delete()


def is_pinned(photo: Photo) -> bool:
    """Tell whether a photo is pinned. One query."""
    return Pin.objects.filter(photo=photo).exists()


def pinned_cards(author: User, viewer: Viewer) -> list[PhotoCard]:
    """Return the pinned photos of ``author`` that ``viewer`` may see, in their order.

    One query, and one more where there are any.
    """
    rows = fetch_hot(pinned_photos, [author.pk])
    return cards_of([row[0] for row in rows], viewer)


def pinned_page(
    author: User, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[PhotoCard]:
    """Return a page of ``pinned_cards``, by their places. As many queries."""
    placed = list(enumerate(pinned_cards(author, viewer), start=1))

    def fetch(at: Cursor | None, limit: int) -> list[tuple[int, PhotoCard]]:
        if at is None:
            return placed[:limit]
        if at.backward:
            return [row for row in reversed(placed) if row[0] < at.position[0]][:limit]
        return [row for row in placed if row[0] > at.position[0]][:limit]

    page = build_page(fetch, cursor, size, lambda row: (row[0],))
    return page.with_items([card for _, card in page.items])


def pinned_photos(author_id: int) -> QuerySet[Photo, Any]:
    """Return the query for the ids and places of an author's pinned photos, in their order."""
    photos = Photo.objects.listed().filter(pin__author=author_id)
    return photos.order_by("pin__place").values_list("pk", "pin__place")


def _pinned(author_id: int) -> list[int]:
    return [row[0] for row in pinned_photos(author_id)]


def _write(author_id: int, order: Sequence[int]) -> None:
    Pin.objects.filter(author=author_id).delete()
    Pin.objects.bulk_create(
        Pin(photo_id=photo, author_id=author_id, place=place)
        for place, photo in enumerate(order, start=1)
    )


def _take(author_id: int) -> None:
    """Lock the counters of the author: two pins at once come one after the other. One query."""
    UserStats.objects.select_for_update().filter(user=author_id).first()
