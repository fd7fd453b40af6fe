"""Explore: recent and popular photos of public accounts."""

from __future__ import annotations

from accounts.models import Viewer
from minigram_site.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos.cards import PhotoCard, card_page, cards_of
from photos.models import Photo


def recent(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos, newest first. One query."""
    return card_page(_public(viewer), viewer, cursor, size)


def popular(viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of public photos, the most liked of late first. Two queries.

    The cursor has two numbers: popularity and id.
    """
    ranked = _public(viewer).select_related("stats").only("id", "stats__popularity")
    page = paginate(ranked, cursor, size, keys=("stats__popularity", "stats__photo_id"))
    return page.with_items(cards_of([photo.pk for photo in page.items], viewer))


def _public(viewer: Viewer):
    return Photo.objects.visible_to(viewer).filter(author__is_private=False)
