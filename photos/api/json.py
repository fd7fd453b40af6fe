"""Photos and comments as the API shows them: plain data, straight from cards.

This is the one place that goes around serializers: twenty photos cost a DRF serializer about
800 microseconds and these functions a tenth of that. ``photos.api.serializers`` describes the
same shapes for the OpenAPI document, and a test compares the two key by key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.api.json import person_json
from accounts.people import person
from photos.cards import CardPicture, PhotoCard
from photos.models import Comment


def photo_json(card: PhotoCard, base: str) -> dict[str, Any]:
    """Return a photo; ``base`` is the scheme and host that addresses begin with."""
    return {
        **lasting_json(card, base),
        "like_count": card.like_count,
        "comment_count": card.comment_count,
        "liked": card.liked,
    }


def lasting_json(card: PhotoCard, base: str) -> dict[str, Any]:
    """Return the members of a photo's JSON that neither viewer nor likes change."""
    return {
        "id": str(card.id),
        "url": base + card.url,
        "author": person_json(card.author, base),
        "caption": card.caption,
        "created_at": time_json(card.created_at),
        **picture_json(card.cover, base),
        "more": [picture_json(picture, base) for picture in card.more],
        "preview": base + card.preview,
        "camera": card.camera,
        "sensitive": card.sensitive,
    }


def picture_json(picture: CardPicture, base: str) -> dict[str, Any]:
    """Return one picture of a photo."""
    return {
        "alt_text": picture.alt_text,
        "width": picture.width,
        "height": picture.height,
        "placeholder": picture.placeholder,
        "sources": [
            {"width": source.width, "height": source.height, "url": base + source.url}
            for source in picture.sources
        ],
    }


def comment_json(comment: Comment, base: str) -> dict[str, Any]:
    """Return a comment; it comes ``with_author``."""
    return {
        "id": str(comment.pk),
        "author": person_json(person(comment.author), base),
        "text": comment.text,
        "created_at": time_json(comment.created_at),
    }


def time_json(moment: datetime) -> str:
    """Return a time in ISO 8601, UTC, with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
