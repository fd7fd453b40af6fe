"""Link previews: what other sites and messengers show of an address, and what search engines may.

They are made for visitors only: what one may see by being logged in is in no preview. The terms are
those of the Open Graph protocol (https://ogp.me).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from photos.cards import PhotoCard
from photos.images import PREVIEW_LIMITS


class PreviewImage(NamedTuple):
    """The picture of a preview: its path, its pixels, and its description."""

    path: str
    width: int
    height: int
    alt: str


class LinkPreview(NamedTuple):
    """What the head of a page says to programs; paths are those of the site."""

    # One of "article", "profile", "website".
    kind: str
    path: str
    title: str
    description: str = ""
    image: PreviewImage | None = None
    noindex: bool = False
    # Whether there is an oEmbed answer for the page.
    embeds: bool = False
    # The name in a profile's address.
    username: str = ""
    published: datetime | None = None


def photo_preview(card: PhotoCard) -> LinkPreview:
    """Return the preview of a photo that visitors may see. No query.

    A sensitive one shows neither picture nor caption.
    """
    return LinkPreview(
        kind="article",
        path=card.url,
        title=card.author.name,
        description="" if card.sensitive else card.caption,
        image=None if card.sensitive else image_of(card),
        noindex=card.noindex,
        embeds=True,
        published=card.created_at,
    )


def tag_preview(path: str, name: str, cards: Sequence[PhotoCard]) -> LinkPreview:
    """Return the preview of a tag's page, with the first of ``cards`` that may stand for it.

    ``cards`` are those that visitors see there. No query.
    """
    shown = (card for card in cards if not (card.sensitive or card.noindex))
    first = next(shown, None)
    image = image_of(first) if first else None
    return LinkPreview(kind="website", path=path, title=f"#{name}", image=image)


def image_of(card: PhotoCard) -> PreviewImage | None:
    """Return the picture of a photo for link previews; ``None`` if there is no file. No query."""
    if not card.preview:
        return None
    return PreviewImage(card.preview, *preview_size(card), card.cover.alt_text or card.fallback_alt)


def preview_size(card: PhotoCard) -> tuple[int, int]:
    """Return width and height in pixels of the file behind ``card.preview``.

    The decoder has scaled it from the widest rendition, by ``photos.decoder.previews``.
    """
    sources = card.cover.sources
    if not card.preview_name:
        middle = sources[len(sources) // 2]
        return middle.width, middle.height
    width, height = card.cover.width, card.cover.height
    if sources:
        width, height = sources[-1].width, sources[-1].height
    scale = min(1, PREVIEW_LIMITS[0] / width, PREVIEW_LIMITS[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
