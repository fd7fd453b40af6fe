"""How the API says that a picture or upload is not accepted."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from accounts.api.idempotency import HEADER
from minigram_site.api.errors import Problem
from photos.refusals import ImageRejected
from social.publishing import MediaUnusable

IDEMPOTENCY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text of your own: sent again with the same one, the first answer is repeated.",
)


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
