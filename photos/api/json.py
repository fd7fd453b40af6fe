"""Photos and comments as the API shows them: plain data, straight from cards.

This is the one place that goes around serializers: twenty photos cost a DRF serializer about
800 microseconds and these functions a tenth of that. ``photos.api.serializers`` describes the
same shapes for the OpenAPI document, and a test compares the two key by key.
"""

from __future__ import annotations

from typing import Any

from accounts.api.json import entities_json, person_json
from minigram_site.api.rendering import time_json
from photos.cards import PhotoCard
from photos.conversation.cards import CommentCard
from photos.files.shown import CardPicture


def photo_json(card: PhotoCard, base: str, **further: Any) -> dict[str, Any]:
    """Return a photo; ``base`` is the scheme and host that addresses begin with.

    ``further`` members are those of one list.
    """
    return {
        **lasting_json(card, base),
        **further,
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
        "caption_entities": entities_json(card.caption, card.caption_entities, base),
        "created_at": time_json(card.created_at),
        **picture_json(card.cover, base),
        "more": [picture_json(picture, base) for picture in card.more],
        "preview": base + card.preview,
        "camera": card.camera,
        "comments_off": card.comments_off,
        "sensitive": card.sensitive,
        "archived": card.archived,
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


def comment_json(card: CommentCard, base: str) -> dict[str, Any]:
    """Return a comment with its first replies."""
    return {
        **reply_json(card, base),
        "reply_count": card.reply_count,
        "replies": [reply_json(reply, base) for reply in card.replies],
    }


def reply_json(card: CommentCard, base: str) -> dict[str, Any]:
    """Return a comment without replies."""
    return {
        "id": str(card.id),
        "parent_id": str(card.parent_id) if card.parent_id else None,
        "author": person_json(card.author, base) if card.author else None,
        "text": card.text,
        "entities": entities_json(card.text, card.entities_json, base),
        "created_at": time_json(card.created_at),
        "edited": card.edited,
        "like_count": card.like_count,
        "liked": card.liked,
        "muted": card.muted,
    }
