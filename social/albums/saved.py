"""Saved photos: verbs, and the list that only its owner sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import User
from minigram_site.db import fetch_compiled, insert_or_ignore
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos.cards import PhotoCard, cards_of
from social.albums.holding import hold_person, hold_photo
from social.albums.models import SavedPhoto
from social.albums.reading import shown_to

KEYS = ("saved_id",)


@transaction.atomic
def save(*, user: User, photo_id: int) -> None:
    """Save a photo; saving again changes nothing. Three statements.

    Raises what ``hold_person`` and ``hold_photo`` do.
    """
    hold_person(user)
    hold_photo(photo_id)
    insert_or_ignore(SavedPhoto, user_id=user.pk, photo_id=photo_id)


@transaction.atomic
def unsave(*, user: User, photo_id: int) -> None:
    """Take a photo out of the saved ones; without it nothing changes. One statement."""
    SavedPhoto.objects.filter(user=user, photo=photo_id).delete()


def saved_page(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of what ``user`` saved and may still see, the latest saved first. Two queries.

    What a block or a private account hides is left out and not forgotten: it comes back.
    """
    mine = shown_to(user).filter(saved_by__user=user)
    page = paginate(mine.annotate(saved_id=F("saved_by__id")).only("id"), cursor, size, KEYS)
    return page.with_items(cards_of([photo.pk for photo in page.items], user))


def saved_among(user: User, photo_ids: Sequence[int]) -> set[int]:
    """Return which of these photos ``user`` has saved and may still see. One query, or none."""
    if not photo_ids:
        return set()
    mine = shown_to(user).filter(saved_by__user=user, pk__in=photo_ids)
    return set(mine.values_list("pk", flat=True))


def saved_ids(user_id: int, photo_ids: Sequence[int]) -> frozenset[int]:
    """Return which of these photos somebody has saved: for photos that they are shown anyway.

    One query, or none.
    """
    if not photo_ids:
        return frozenset()
    rows = fetch_compiled(("saved ids",), _saved_ids, [user_id, *photo_ids])
    return frozenset(row[0] for row in rows)


def _saved_ids(user_id: int, *photo_ids: int) -> QuerySet[SavedPhoto, Any]:
    return SavedPhoto.objects.filter(user=user_id, photo__in=photo_ids).values_list("photo_id")
