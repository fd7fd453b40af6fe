"""Which photos their viewer has saved, and which are the viewer's own."""

from __future__ import annotations

from django import template

from accounts.models import Viewer
from photos.cards import PhotoCard
from social.albums.saved import saved_ids

register = template.Library()


@register.filter
def holds(identifiers: frozenset[int] | str, photo_id: int) -> bool:
    """Tell whether a photo is among these; a list that says nothing has none."""
    return bool(identifiers) and photo_id in identifiers  # type: ignore[operator]


@register.filter
def is_by(card: PhotoCard, viewer_id: int | None) -> bool:
    """Tell whether a photo is the viewer's own."""
    return card.author.id == viewer_id


@register.simple_tag
def is_saved(viewer: Viewer, photo_id: int) -> bool:
    """Tell whether the viewer has saved a photo. One query for members."""
    return viewer.pk is not None and photo_id in saved_ids(viewer.pk, [photo_id])
