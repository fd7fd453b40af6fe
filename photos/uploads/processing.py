"""Processing of uploads: claimed by one process at a time, swept up after a crash.

The ``Media`` row is the truth and the queue. A process claims a row for ``CLAIM_LIFETIME``; when it
dies in the middle its claim runs out, and ``with_expired_claim`` names the row to the next process.
After ``MAX_ATTEMPTS`` claims that ended like that the upload has failed, instead of being tried for
ever.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from minigram_site.fields.snowflake import id_at
from photos import files, images
from photos.models import Media
from photos.models.uploads import MediaQuerySet
from photos.pictures import picture_of
from photos.refusals import ImageRejected

logger = logging.getLogger(__name__)

# Longer than a decoder may take (``images.TIMEOUT_SECONDS``) and its files need to be stored.
CLAIM_LIFETIME = timedelta(seconds=40)
MAX_ATTEMPTS = 3
# The reason of an upload that no process could finish.
PROCESSING_FAILED = "processing_failed"
# In pixels, of what its owner sees of a picture while they crop it.
WHOLE_WIDTH = 1080


def process(media_id: int) -> None:
    """Make the pictures of an upload, unless another process has claimed or finished it.

    A picture that is refused fails the upload with the reason; ``ImageRejected`` is raised only
    for "busy", when no decoder came free. That and any other failure is raised after the claim was
    given back, so that the row can be claimed again at once. Of two processes that work on one row
    the first to finish wins, and the other deletes the files that it made; so does one that worked
    on a crop that was changed meanwhile. Costs three statements, one decoder process and one file
    per size; two more statements if pictures were made of it before.
    """
    if not _claim(media_id):
        return
    media = Media.objects.get(pk=media_id)
    try:
        with _opened(media.original) as original:
            processed = images.process(original, turn=media.turn, crop=media.crop)
            with files.stored(processed) as stored:
                stored.original = media.original
                stored.size += original.size
                picture = picture_of(processed, stored, turn=media.turn, crop=media.crop)
                changes = {"picture": picture.as_json(), **_whole(media, original, stored.names)}
                finish = _replace if media.picture else _finish
                if not finish(media, state=Media.State.READY, **changes):
                    raise _Gone
    except ImageRejected as error:
        if error.code == "busy":
            _release(media)
            raise
        _finish(media, state=Media.State.FAILED, reason=error.code)
    except _Gone:
        logger.info("Media %s is finished, changed or thrown away already.", media_id)
    except Exception:
        _release(media)
        raise


def with_expired_claim() -> list[int]:
    """Return the ids of up to 100 uploads whose claim has run out. Two queries.

    Uploads that were tried ``MAX_ATTEMPTS`` times become failed instead. An upload that was never
    claimed counts from when it was received: its task may have been lost.
    """
    now = timezone.now()
    free = Q(claimed_until__lt=now) | Q(claimed_until=None, pk__lt=id_at(now - CLAIM_LIFETIME))
    waiting = Media.objects.filter(free, state=Media.State.PROCESSING)
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=Media.State.FAILED, reason=PROCESSING_FAILED
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:100])


class _Gone(Exception):
    """Another process finished the row, or it was deleted: the files made here are deleted."""


def _claim(media_id: int) -> bool:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = Media.objects.filter(free, pk=media_id, state=Media.State.PROCESSING)
    claimed = rows.filter(attempts__lt=MAX_ATTEMPTS)
    return bool(claimed.update(claimed_until=now + CLAIM_LIFETIME, attempts=F("attempts") + 1))


def _opened(name: str) -> File[bytes]:
    """Open an upload. Raises ``ImageRejected`` where it is not there.

    Then it was thrown away a moment ago, or a database was restored without its files.
    """
    try:
        return default_storage.open(name)
    except FileNotFoundError:
        raise ImageRejected(PROCESSING_FAILED) from None


def _whole(media: Media, original: File[bytes], names: list[str]) -> dict[str, str]:
    """Store a picture of all of an upload that was cropped before any was made of it.

    Returns the change of the row, and adds the file to ``names``; neither where there is one
    already, or no need of it.
    """
    if media.whole or not media.is_adjusted:
        return {}
    processed = images.process(original, widths=(WHOLE_WIDTH,))
    with files.stored(replace(processed, preview=None)) as stored:
        names += stored.names
    return {"whole": stored.names[0]}


def _unfinished(media: Media) -> MediaQuerySet:
    """Return the row, if it waits for what ``media`` asks for."""
    waiting = Media.objects.filter(pk=media.pk, state=Media.State.PROCESSING)
    return waiting.filter(revision=media.revision)


def _release(media: Media) -> None:
    _unfinished(media).update(claimed_until=timezone.now())


def _finish(media: Media, **changes: object) -> bool:
    """Write the outcome unless one is written already; tell whether it was."""
    return bool(_unfinished(media).update(claimed_until=None, **changes))


@transaction.atomic
def _replace(media: Media, **changes: object) -> bool:
    """Write the outcome as ``_finish`` does, and delete the files that were made before."""
    held = _unfinished(media).select_for_update().first()
    if held is None or not _finish(media, **changes):
        return False
    kept = {held.original, held.whole}
    files.delete_on_commit(name for name in held.file_names if name not in kept)
    return True
