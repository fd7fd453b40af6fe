"""Uploads on their way to be pictures: received, processed, attached to a photo, thrown away.

This is the face that ``social.publishing`` uses, and nothing else does: an upload crosses from one
app into the other here and nowhere else.
"""

from photos.uploads.adjusting import adjust, cleaned_crop
from photos.uploads.processing import process, with_expired_claim
from photos.uploads.service import (
    MediaUnusable,
    attach,
    describe,
    discard,
    expired,
    lock_for_photo,
    not_found,
    pictures_of,
    reason_of,
    receive,
    retry,
    usable_for,
)

__all__ = [
    "MediaUnusable",
    "adjust",
    "attach",
    "cleaned_crop",
    "describe",
    "discard",
    "expired",
    "lock_for_photo",
    "not_found",
    "pictures_of",
    "process",
    "reason_of",
    "receive",
    "retry",
    "usable_for",
    "with_expired_claim",
]
