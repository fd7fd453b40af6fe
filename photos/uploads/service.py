"""Verbs on uploads: received, attached to a photo, tried again, thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import IO

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos import files, images
from photos.models import Draft, Media
from photos.pictures import MAX_PICTURES, Picture
from photos.refusals import ImageRejected

# Uploads that become part of no photo are deleted after this.
UNATTACHED_LIFETIME = timedelta(days=1)


class MediaUnusable(ValueError):
    """Uploads cannot become a photo; ``code`` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the sentence and the code."""
        super().__init__(message)
        self.code = code


def receive(*, owner: User, image: IO[bytes], alt_text: str = "") -> Media:
    """Store an uploaded file as it came and return its row, in state ``processing``.

    ``image`` is a seekable binary file. Raises ``ImageRejected`` where its first and last bytes
    show that it is no picture. A failure leaves neither a row nor a file. Costs one insert and one
    file in storage.
    """
    mime = images.check(image)
    with files.original_stored(image, mime) as original:
        return Media.objects.create(owner=owner, mime=mime, original=original, alt_text=alt_text)


def describe(*, media: Media, alt_text: str) -> None:
    """Set the alt text of an upload. One statement."""
    media.alt_text = alt_text
    media.save(update_fields=["alt_text"])


@transaction.atomic
def retry(*, media: Media) -> bool:
    """Put a failed upload back in the queue; tell whether it had failed. One statement."""
    failed = Media.objects.filter(pk=media.pk, state=Media.State.FAILED)
    return bool(
        failed.update(state=Media.State.PROCESSING, reason="", attempts=0, claimed_until=None)
    )


@transaction.atomic
def discard(media: QuerySet[Media]) -> int:
    """Delete uploads with their files, which go after the commit; return how many there were.

    Rows that no longer belong to the query once they are locked stay: an upload that became part
    of a draft in the meantime is no longer unattached. Two statements.
    """
    rows = list(media.select_for_update())
    Media.objects.filter(pk__in=[one.pk for one in rows]).delete()
    files.delete_on_commit(name for one in rows for name in one.file_names)
    return len(rows)


def lock_for_photo(
    owner: User, media_ids: Sequence[int], *, draft: Draft | None = None
) -> list[Media]:
    """Return these uploads of ``owner`` in the order given, their rows locked. One query.

    Call it inside the transaction that makes a photo of them. Raises ``MediaUnusable`` unless all
    of them exist, none has failed and none is part of a photo or of a draft other than ``draft``.
    """
    if not 1 <= len(media_ids) <= MAX_PICTURES or len(set(media_ids)) != len(media_ids):
        raise MediaUnusable(
            "media_count",
            gettext("A photo can have 1 to %(max_pictures)s different pictures.")
            % {"max_pictures": MAX_PICTURES},
        )
    rows = Media.objects.owned_by(owner).filter(usable_for(draft), pk__in=media_ids)
    found = {media.pk: media for media in rows.select_for_update().order_by("pk")}
    if len(found) != len(media_ids):
        raise not_found()
    for media in found.values():
        if media.state == Media.State.FAILED:
            raise MediaUnusable("media_failed", reason_of(media))
    return [found[identifier] for identifier in media_ids]


def not_found() -> MediaUnusable:
    """Return the refusal of uploads that are gone, another's, or part of something else."""
    sentence = gettext(
        "One of these uploads is gone, or already part of a photo. Please upload it again."
    )
    return MediaUnusable("media_not_found", sentence)


def usable_for(draft: Draft | None) -> Q:
    """Return the condition that an upload is part of nothing, or of ``draft``."""
    return Q(draft=None) if draft is None else Q(draft=None) | Q(draft=draft)


def attach(media: Sequence[Media], draft: Draft) -> None:
    """Make uploads the pictures of ``draft``, in the order given. One statement for each."""
    for position, one in enumerate(media):
        one.draft, one.position = draft, position
        one.save(update_fields=["draft", "position", "alt_text"])


def expired() -> QuerySet[Media]:
    """Return the uploads that have been part of no photo for ``UNATTACHED_LIFETIME``."""
    oldest_kept = id_at(timezone.now() - UNATTACHED_LIFETIME)
    return Media.objects.unattached().filter(pk__lt=oldest_kept).order_by("pk")


def pictures_of(media: Sequence[Media]) -> list[Picture]:
    """Return the pictures of uploads that are ready, with their alt texts. No query.

    Call it inside the transaction that publishes them: what only served to crop them is deleted
    with its commit.
    """
    pictures = [Picture(**{**one.picture, "alt_text": one.alt_text}) for one in media]
    published = {name for picture in pictures for name in picture.file_names}
    files.delete_on_commit(one.whole for one in media if one.whole not in published)
    return pictures


def reason_of(media: Media) -> str:
    """Return the sentence that tells a person why this upload failed. No query."""
    return ImageRejected(media.reason).message
