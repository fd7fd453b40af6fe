"""Whether the viewer of a photo's page has saved it."""

from __future__ import annotations

from django import template

from accounts.models import Viewer
from social.albums.saved import saved_ids

register = template.Library()


@register.simple_tag
def is_saved(viewer: Viewer, photo_id: int) -> bool:
    """Tell whether the viewer has saved a photo. One query for members."""
    return viewer.pk is not None and photo_id in saved_ids(viewer.pk, [photo_id])
