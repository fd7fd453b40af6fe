"""Uploads on their way to be pictures: received, processed, attached, thrown away.

The ``Media`` row is the truth. Whoever processes one claims it for ``LEASE``; a process that dies
in the middle lets its claim run out, and the sweep (``abandoned``) hands the row on. After
``MAX_ATTEMPTS`` claims that ended like that the upload has failed, instead of being tried for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import IO

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos import files, images
from photos.images import ImageRejected
from photos.models import Media
from photos.pictures import MAX_PICTURES, Picture, picture_of

logger = logging.getLogger(__name__)

# Longer than a decoder may take (``images.TIMEOUT_SECONDS``) and its files need to be stored.
LEASE = timedelta(seconds=40)
MAX_ATTEMPTS = 3
CRASHED = "processing_failed"
# Media that nobody attaches to a photo are deleted after this.
KEPT_UNATTACHED = timedelta(days=1)


class MediaUnusable(ValueError):
    """These media cannot become a photo; ``code`` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the sentence and the code."""
        super().__init__(message)
        self.code = code


def receive(*, owner: User, image: IO[bytes], alt_text: str = "") -> Media:
    """Keep an upload as it came; ``process`` is to follow. One insert and one file.

    Raises ``ImageRejected`` for what is no picture at a first look. A failure leaves neither a
    row nor a file.
    """
    mime = images.check(image)
    with files.original_stored(image, mime) as original:
        return Media.objects.create(owner=owner, mime=mime, original=original, alt_text=alt_text)


def process(media_id: int) -> None:
    """Make the pictures of an upload, unless somebody else does so or has done so.

    A picture that is refused is marked with the reason; any other failure is raised, and the row
    can be claimed again at once. Of two processes that work on one row, the first to finish wins
    and the other takes its files away again.
    """
    if not _claim(media_id):
        return
    media = Media.objects.get(pk=media_id)
    try:
        with default_storage.open(media.original) as original:
            processed = images.process(original)
        with files.stored(processed) as stored:
            stored.original = media.original
            picture = picture_of(processed, stored)
            if not _finish(media_id, state=Media.State.READY, picture=picture.as_json()):
                raise _Gone
    except ImageRejected as error:
        if error.code == "busy":
            _release(media_id)
            raise
        _finish(media_id, state=Media.State.FAILED, reason=error.code)
    except _Gone:
        logger.info("Media %s is finished or thrown away already.", media_id)
    except Exception:
        _release(media_id)
        raise


def fail(media_id: int) -> None:
    """Mark an upload whose processing cannot succeed as failed; one that is done stays so."""
    _finish(media_id, state=Media.State.FAILED, reason=CRASHED)


def abandoned() -> list[int]:
    """Return uploads that nobody works on any more; those tried too often are failed. Two queries.

    Rows that were never claimed count from when they came: their task may have been lost.
    """
    now = timezone.now()
    free = Q(claimed_until__lt=now) | Q(claimed_until=None, pk__lt=id_at(now - LEASE))
    waiting = Media.objects.filter(free, state=Media.State.PROCESSING)
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(state=Media.State.FAILED, reason=CRASHED)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:100])


@transaction.atomic
def retry(*, media: Media) -> bool:
    """Let a failed upload be processed again; tell whether it was failed. One statement."""
    failed = Media.objects.filter(pk=media.pk, state=Media.State.FAILED)
    return bool(
        failed.update(state=Media.State.PROCESSING, reason="", attempts=0, claimed_until=None)
    )


def discard(media: Iterable[Media]) -> None:
    """Throw uploads away, with their files."""
    with transaction.atomic():
        rows = Media.objects.filter(pk__in=[one.pk for one in media])
        names = [name for one in rows.select_for_update() for name in one.file_names]
        rows.delete()
        files.delete_on_commit(names)


def chosen(owner: User, media_ids: Sequence[int]) -> list[Media]:
    """Return these uploads of ``owner`` in the order given, locked; for a transaction.

    Raises ``MediaUnusable`` unless all are there, none is part of a photo and none has failed.
    """
    if not 1 <= len(media_ids) <= MAX_PICTURES or len(set(media_ids)) != len(media_ids):
        raise MediaUnusable("media_count", f"A photo has 1 to {MAX_PICTURES} different pictures.")
    rows = Media.objects.select_for_update().filter(owner=owner, pk__in=media_ids, draft=None)
    found = {media.pk: media for media in rows.order_by("pk")}
    if len(found) != len(media_ids):
        raise MediaUnusable(
            "media_not_found",
            "One of these uploads does not exist any more, or is part of a photo. Upload it again.",
        )
    for media in found.values():
        if media.state == Media.State.FAILED:
            raise MediaUnusable("media_failed", reason_of(media))
    return [found[identifier] for identifier in media_ids]


def unattached(older_than: timedelta = KEPT_UNATTACHED) -> QuerySet[Media]:
    """Return the uploads that have been waiting for a photo for too long."""
    return Media.objects.filter(draft=None, pk__lt=id_at(timezone.now() - older_than))


def pictures_of(media: Sequence[Media]) -> list[Picture]:
    """Return the pictures of uploads that are ready, with their words."""
    return [Picture(**{**one.picture, "alt_text": one.alt_text}) for one in media]


def reason_of(media: Media) -> str:
    """Return the sentence that says why an upload failed."""
    if media.reason == CRASHED:
        return "This picture could not be processed. Try again, or upload another version of it."
    return ImageRejected(media.reason).message


class _Gone(Exception):
    """Somebody else finished the row, or it was deleted: the files made here go again."""


def _claim(media_id: int) -> bool:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = Media.objects.filter(free, pk=media_id, state=Media.State.PROCESSING)
    claimed = rows.filter(attempts__lt=MAX_ATTEMPTS)
    return bool(claimed.update(claimed_until=now + LEASE, attempts=F("attempts") + 1))


def _release(media_id: int) -> None:
    Media.objects.filter(pk=media_id, state=Media.State.PROCESSING).update(
        claimed_until=timezone.now()
    )


def _finish(media_id: int, **changes: object) -> bool:
    """Write the outcome once; whoever comes second changes nothing and is told ``False``."""
    rows = Media.objects.filter(pk=media_id, state=Media.State.PROCESSING)
    return bool(rows.update(claimed_until=None, **changes))
