"""Publishing a photo: from an upload to a picture in every follower's feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from django.db import transaction

from accounts.models import User
from photos import uploads
from photos.models import Draft, Media, Photo
from social.publishing import tasks


def publish(
    *, author: User, image: IO[bytes] | Sequence[IO[bytes]], caption: str = "",
    alt_text: str = "", show_camera: bool = False,
) -> Photo | Draft:  # fmt: skip
    """Turn an uploaded file, or several, into a photo that followers see at once.

    Where a worker makes the pictures it is a ``Draft`` until they are ready. Raises
    ``images.ImageRejected`` with a reason for the person. Either everything is there afterwards
    (files, photo, feed entries) or nothing: files saved before a failure are deleted. Decoding
    happens outside of the transaction, which holds the database for milliseconds only.
    """
    media: list[Media] = []
    try:
        for file in image if isinstance(image, Sequence) else [image]:
            media.append(tasks.upload(owner=author, image=file, alt_text=alt_text))
            alt_text = ""  # it describes the first
        media_ids = [one.pk for one in media]
        return publish_media(
            author=author, media_ids=media_ids, caption=caption, show_camera=show_camera
        )
    except BaseException:
        uploads.discard(media)
        raise


@transaction.atomic
def publish_media(
    *, author: User, media_ids: Sequence[int], caption: str = "", show_camera: bool = False,
    alt_texts: Mapping[int, str] | None = None,
) -> Photo | Draft:  # fmt: skip
    """Turn uploads of ``author`` into one photo, pictures in the order of ``media_ids``.

    ``alt_texts`` describe them by id; those left out keep the words they were uploaded with.

    A ``Draft`` while one of them is still processing: it becomes the photo with the last of them.
    Raises ``uploads.MediaUnusable`` with a reason for the person.
    """
    media = uploads.chosen(author, media_ids)
    draft = Draft.objects.create(author=author, caption=caption, show_camera=show_camera)
    for position, one in enumerate(media):
        one.draft, one.position = draft, position
        one.alt_text = (alt_texts or {}).get(one.pk, one.alt_text)
        one.save(update_fields=["draft", "position", "alt_text"])
    return tasks.finish(draft.pk) or draft


@transaction.atomic
def discard_draft(draft: Draft) -> None:
    """Throw a draft away, with its uploads and their files."""
    uploads.discard(draft.media.all())
    draft.delete()
