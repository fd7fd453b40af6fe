"""The link preview of a profile, and absolute addresses."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from photos.previews import LinkPreview, PreviewImage


def address_of(path: str) -> str:
    """Return the address of a path of the site; it begins with ``SITE_URL``."""
    return settings.SITE_URL + path


def profile_preview(person: User) -> LinkPreview | None:
    """Return the preview of a profile that visitors may see; ``None`` for a private account.

    No query.
    """
    if person.is_private:
        return None
    image = None
    if person.avatar and person.avatar_large:
        side = person.avatar[-1][0]
        alt = f"Profile picture of {person.name}"
        image = PreviewImage(person.avatar_large, side, side, alt)
    return LinkPreview(
        kind="profile",
        path=reverse("social:profile", args=[person.username]),
        title=f"{person.name} (@{person.username})",
        description=person.bio,
        image=image,
        noindex=person.noindex,
        username=person.username,
    )
