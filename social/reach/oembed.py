"""oEmbed 1.0: how a site that is given a photo's address may show it (https://oembed.com)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import Resolver404, resolve

from photos.cards import PhotoCard, cards_of
from photos.files.shown import Source
from social.reach.previews import address_of


class NoEmbed(LookupError):
    """There is no photo at this address that visitors may see."""


def embed_of(address: str, max_width: int | None, max_height: int | None) -> dict[str, Any]:
    """Return the oEmbed answer for a photo's address, as JSON-ready data. One query.

    It is of the type "photo", with the largest size that is no wider than ``max_width`` and no
    higher than ``max_height`` pixels; of the type "link", without a picture, where there is none
    so small, and for a sensitive photo, of which the caption is left out too. Raises ``NoEmbed``.
    """
    found = cards_of([_photo_in(address)], AnonymousUser())
    if not found:
        raise NoEmbed(address)
    card = found[0]
    shown = None if card.sensitive else _fitting(card, max_width, max_height)
    answer = {
        "version": "1.0",
        "type": "photo" if shown else "link",
        "author_name": card.author.name,
        "author_url": address_of(card.author.url),
        "provider_name": settings.SITE_NAME,
        "provider_url": address_of("/"),
    }
    if card.caption and not card.sensitive:
        answer["title"] = card.caption
    if shown is None:
        return answer
    return answer | {
        "url": address_of(shown.url),
        "width": shown.width,
        "height": shown.height,
    }


def _photo_in(address: str) -> int:
    """Return the id of the photo whose page has this address; raises ``NoEmbed``."""
    try:
        parts = urlsplit(address)
        match = resolve(parts.path if parts.path.endswith("/") else parts.path + "/")
    except (ValueError, Resolver404):
        raise NoEmbed(address) from None
    site = urlsplit(settings.SITE_URL)
    ours = parts.scheme in {"http", "https"} and parts.netloc.lower() == site.netloc.lower()
    if not ours or match.view_name != "photos:photo":
        raise NoEmbed(address)
    return int(match.kwargs["photo_id"])


def _fitting(card: PhotoCard, max_width: int | None, max_height: int | None) -> Source | None:
    """Return the largest size of the cover within the limits, if there is one."""
    fitting = [
        source
        for source in card.cover.sources
        if (max_width is None or source.width <= max_width)
        and (max_height is None or source.height <= max_height)
    ]
    return fitting[-1] if fitting else None
