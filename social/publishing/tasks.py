"""Processing uploads: in the request, or by a worker (``manage.py worker``).

With ``BACKGROUND_WORKER`` a task of django-tasks names the upload and a worker takes it; without,
the same function runs inside the request. What is to be done stands in the ``Media`` rows, never
in the queue alone: ``sweep`` finds what a killed process left, tasks that got lost included.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from photos import uploads
from photos.models import Draft, Media
from photos.refusals import ImageRejected
from social.moderation.bans import refuse_banned
from social.notifications import telling
from social.publishing import composing
from social.publishing.drafts import discard_draft, publish_draft

logger = logging.getLogger(__name__)

# No task takes that long: one that runs since then belonged to a worker that was killed.
LOST_AFTER = timedelta(minutes=10)


@task()
def process_media(media_id: int) -> None:
    """Make the pictures of an upload, and publish the photo that waited for them."""
    uploads.process(media_id)
    draft = Media.objects.filter(pk=media_id).values_list("draft", flat=True).first()
    if draft is not None and publish_draft(draft) is None:
        telling.tell_failed(draft)


def upload(*, owner: User, image: IO[bytes], alt_text: str = "") -> Media:
    """Receive a file: ready on return, or still processing where a worker does that.

    Raises ``ImageRejected`` if it is banned, or known by then to be no picture that can be shown;
    neither a row nor a file is left of it.
    """
    refuse_banned(image)
    media = uploads.receive(owner=owner, image=image, alt_text=alt_text)
    if settings.BACKGROUND_WORKER:
        process_media.enqueue(media.pk)
        return media
    try:
        process_media.call(media.pk)
        media.refresh_from_db()
        if media.state == Media.State.FAILED:
            raise ImageRejected(media.reason)
    except BaseException:
        uploads.discard(Media.objects.unattached().filter(pk=media.pk))
        raise
    return media


def retry(media: Media) -> None:
    """Process a failed upload again, from the file as it came; any other stays as it is.

    Raises ``ImageRejected`` for "busy" where no worker does it.
    """
    if not uploads.retry(media=media):
        return
    if settings.BACKGROUND_WORKER:
        process_media.enqueue(media.pk)
    else:
        process_media.call(media.pk)


def adjust(media: Media, *, turn: int | None = None, crop: Sequence[float] | None = None) -> None:
    """Turn and crop an upload that is not published: ``None`` leaves it as it is.

    It is ready on return, or processing where a worker does that. Raises ``ValueError`` with a
    sentence for a crop that is none, ``ImageRejected`` for "busy" where no worker does it.
    """
    if not uploads.adjust(media=media, turn=turn, crop=crop):
        return
    if settings.BACKGROUND_WORKER:
        process_media.enqueue(media.pk)
    else:
        process_media.call(media.pk)


def delete_expired_uploads() -> int:
    """Delete the uploads that became part of nothing within a day; return how many there were.

    With them go the drafts that nobody has changed for ``composing.UNSENT_LIFETIME``.
    """
    deleted = 0
    for draft in list(composing.expired()[:100]):
        discard_draft(draft)
    while some := uploads.discard(uploads.expired()[:100]):
        deleted += some
    return deleted


def sweep() -> int:
    """Process what killed processes left unfinished; return how many uploads and drafts it was.

    A worker calls it every few seconds: an upload whose process died is processed again when its
    claim has run out, so that it is ready, or says why not, within a minute. Four queries where
    there is nothing to do.
    """
    left = uploads.with_expired_claim()
    for media_id in left:
        try:
            process_media.call(media_id)
        except Exception:
            # The row counts its attempts, and fails after some.
            logger.exception("Media %s could not be processed.", media_id)
    unfinished = Exists(Media.objects.filter(draft=OuterRef("pk")).exclude(state=Media.State.READY))
    forgotten = Draft.objects.sent().exclude(unfinished).values_list("pk", flat=True)[:100]
    published = [publish_draft(draft_id) for draft_id in list(forgotten)]
    telling.tell_all_failed()
    lost = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LOST_AFTER)
    lost.delete()
    return len(left) + len(published)
