"""What the API answers of uploads and drafts: how they are, and why one is not accepted."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from minigram_site.api.errors import Problem
from minigram_site.api.rendering import time_json
from photos.models import Draft, Media
from photos.refusals import MESSAGES, ImageRejected
from social import publishing
from social.publishing import MediaUnusable

# Of 422 answers: why a picture is not accepted, and why uploads cannot become a photo.
PICTURE_CODES = sorted(MESSAGES.keys() - {"file_too_large", "busy"})
DRAFT_CODES = ["media_count", "media_not_found"]
MEDIA_CODES = [*DRAFT_CODES, "media_failed"]


def media_json(media: Media) -> dict[str, Any]:
    """Return an upload; what is known of its picture is ``null`` until it is ready."""
    picture = media.picture
    failed = media.state == Media.State.FAILED
    return {
        "id": str(media.pk),
        "state": media.state,
        "alt_text": media.alt_text,
        "turn": media.turn,
        "crop": media.crop,
        "width": picture.get("width"),
        "height": picture.get("height"),
        "placeholder": picture.get("placeholder"),
        "error": {"code": media.reason, "detail": publishing.reason_of(media)} if failed else None,
    }


def draft_json(draft: Draft, base: str) -> dict[str, Any]:
    """Return a photo that waits for its pictures; it comes with ``media``."""
    media = sorted(draft.media.all(), key=lambda one: one.position)
    return {
        "id": str(draft.pk),
        "state": draft.state,
        "caption": draft.caption,
        "show_camera": draft.show_camera,
        "created_at": time_json(draft.created_at),
        "media": [media_json(one) for one in media],
        "url": base + reverse("api-draft", args=[draft.pk]),
    }


def refused(error: ImageRejected, field: str) -> Problem:
    """Return the answer to a picture that is not accepted."""
    status = {"file_too_large": 413, "busy": 503}.get(error.code, 422)
    faults = {field: [{"code": error.code, "detail": error.message}]}
    return Problem(status, error.code, error.message, faults, wait=60 if status == 503 else None)


def unusable(error: MediaUnusable) -> Problem:
    """Return the answer to uploads that cannot become a photo, or part of a draft."""
    if error.code == "draft_sent":
        return Problem(409, error.code, str(error))
    return Problem(
        422, error.code, str(error), {"media_ids": [{"code": error.code, "detail": str(error)}]}
    )
