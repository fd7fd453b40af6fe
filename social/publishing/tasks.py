"""Making pictures of uploads: in the request, or by a worker (``manage.py worker``).

With ``BACKGROUND_WORKER`` a task of django-tasks names the upload and a worker takes it; without,
the same function runs inside the request. What is to be done stands in the ``Media`` rows, never
in the queue alone: ``sweep`` finds what a killed process left, tasks that got lost included.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from photos import uploads
from photos.images import ImageRejected
from photos.models import Draft, Media, Photo
from photos.services import create_photo
from social import feed

logger = logging.getLogger(__name__)

# No task takes that long: one that runs since then belonged to a worker that was killed.
LOST_AFTER = timedelta(minutes=10)


@task()
def process_media(media_id: int) -> None:
    """Make the pictures of an upload, and publish the photo that waited for them."""
    uploads.process(media_id)
    draft = Media.objects.filter(pk=media_id).values_list("draft", flat=True).first()
    if draft is not None:
        finish(draft)


def upload(*, owner: User, image: IO[bytes], alt_text: str = "") -> Media:
    """Take a file in. It is ready on return, or still processing where a worker does that.

    Raises ``ImageRejected`` if it is known to be no picture we can show: nothing is left of it.
    """
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
        uploads.discard([media])
        raise
    return media


def retry(media: Media) -> None:
    """Process a failed upload again, from the file as it came."""
    if not uploads.retry(media=media):
        return
    if settings.BACKGROUND_WORKER:
        process_media.enqueue(media.pk)
    else:
        process_media.call(media.pk)


@transaction.atomic
def finish(draft_id: int) -> Photo | None:
    """Publish a draft if all its pictures are ready; ``None`` if they are not or it is gone."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).select_related("author").first()
    if draft is None:
        return None
    media = list(draft.media.select_for_update().order_by("position"))
    if any(one.state != Media.State.READY for one in media):
        return None
    photo = create_photo(
        author=draft.author,
        pictures=uploads.pictures_of(media),
        caption=draft.caption,
        show_camera=draft.show_camera,
        identifier=draft.pk,
    )
    feed.fan_out(photo)
    draft.delete()
    return photo


def delete_unattached() -> int:
    """Delete the uploads that have been waiting for a photo for too long; return how many."""
    deleted = 0
    while media := list(uploads.unattached()[:100]):
        uploads.discard(media)
        deleted += len(media)
    return deleted


def sweep() -> int:
    """Take up what killed processes left; return how much that was. Three queries if nothing.

    For a worker, every few seconds: an upload whose process died is taken up again when its claim
    has run out, so that it is ready, or says why not, within a minute.
    """
    left = uploads.abandoned()
    for media_id in left:
        try:
            process_media.call(media_id)
        except Exception:
            # The row counts its attempts, and fails after some.
            logger.exception("Media %s could not be processed.", media_id)
    unfinished = Exists(Media.objects.filter(draft=OuterRef("pk")).exclude(state=Media.State.READY))
    forgotten = Draft.objects.exclude(unfinished).values_list("pk", flat=True)[:100]
    published = [finish(draft_id) for draft_id in list(forgotten)]
    lost = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LOST_AFTER)
    lost.delete()
    return len(left) + len(published)
