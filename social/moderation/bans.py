"""Banned pictures: files that were removed and cannot be uploaded again."""

from __future__ import annotations

import hashlib
from typing import IO, Any, cast

from minigram_site.db import insert_or_ignore
from photos.images import ImageRejected
from social.moderation.models import BannedPicture, Decision


def refuse_banned(image: IO[bytes]) -> None:
    """Raise ``ImageRejected`` if ``image``, a seekable file, is a banned picture. One query.

    Leaves the file at its start.
    """
    if BannedPicture.objects.filter(sha256=_sha256(image)).exists():
        raise ImageRejected("banned_picture")


def ban(image: IO[bytes], decision: Decision) -> None:
    """Refuse this file, a seekable one, from now on. One statement."""
    insert_or_ignore(BannedPicture, sha256=_sha256(image), decision_id=decision.pk)


def _sha256(image: IO[bytes]) -> str:
    image.seek(0)
    digest = hashlib.file_digest(cast(Any, image), "sha256").hexdigest()
    image.seek(0)
    return digest
