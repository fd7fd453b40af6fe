"""How the API says that a picture or upload is not accepted."""

from __future__ import annotations

from minigram_site.api.errors import Problem
from photos.refusals import MESSAGES, ImageRejected
from social.publishing import MediaUnusable

# Of 422 answers: why a picture is not accepted, and why uploads cannot become a photo.
PICTURE_CODES = sorted(MESSAGES.keys() - {"file_too_large", "busy"})
MEDIA_CODES = ["media_count", "media_not_found", "media_failed"]


def refused(error: ImageRejected, field: str) -> Problem:
    """Return the answer to a picture that is not accepted."""
    status = {"file_too_large": 413, "busy": 503}.get(error.code, 422)
    faults = {field: [{"code": error.code, "detail": error.message}]}
    return Problem(status, error.code, error.message, faults, wait=60 if status == 503 else None)


def unusable(error: MediaUnusable) -> Problem:
    """Return the answer to uploads that cannot become a photo."""
    return Problem(
        422, error.code, str(error), {"media_ids": [{"code": error.code, "detail": str(error)}]}
    )
