"""Publishing a photo: from an upload to a picture in every follower's feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from django.db import transaction

from accounts.models import User
from photos import uploads
from photos.models import Draft, Media, Photo
from photos.refusals import ImageRejected
from social.publishing.composing import locked_draft, not_unsent
from social.publishing.drafts import discard_draft, publish_pictures
from social.publishing.tasks import upload


def publish(
    *,
    author: User,
    image: IO[bytes] | Sequence[IO[bytes]],
    caption: str = "",
    alt_text: str = "",
    show_camera: bool = False,
) -> Photo | Draft:
    """Turn an uploaded file, or up to ten, into one photo that followers see at once.

    ``alt_text`` describes the first. Returns a ``Draft`` where a worker makes the pictures, which
    becomes the photo when they are ready. Raises ``ImageRejected`` with a reason for the person.
    Either everything is there afterwards (files, photo, feed entries) or nothing: files saved
    before a failure are deleted. Decoding happens outside of the transaction, which holds the
    database for milliseconds only.
    """
    media: list[Media] = []
    try:
        for file in image if isinstance(image, Sequence) else [image]:
            media.append(upload(owner=author, image=file, alt_text=alt_text))
            alt_text = ""  # it describes the first
        media_ids = [one.pk for one in media]
        return publish_media(
            author=author, media_ids=media_ids, caption=caption, show_camera=show_camera
        )
    except BaseException:
        uploads.discard(Media.objects.unattached().filter(pk__in=[one.pk for one in media]))
        raise


def upload_some(
    *, owner: User, images: Sequence[IO[bytes]]
) -> tuple[list[Media], list[tuple[str, str]]]:
    """Receive the files that can be; return their uploads, and name and reason of all others."""
    received, refused = [], []
    for image in images:
        try:
            received.append(upload(owner=owner, image=image))
        except ImageRejected as error:
            refused.append((str(getattr(image, "name", "")), error.message))
    return received, refused


@transaction.atomic
def publish_media(
    *,
    author: User,
    media_ids: Sequence[int],
    caption: str = "",
    show_camera: bool = False,
    alt_texts: Mapping[int, str] | None = None,
    draft_id: int | None = None,
) -> Photo | Draft:
    """Turn 1 to 10 uploads of ``author`` into one photo, pictures in the order of ``media_ids``.

    ``alt_texts`` describe uploads by id; those left out keep the words they were uploaded with.
    They may be part of the unsent draft ``draft_id``, which is deleted with what is left of it.
    Returns a ``Draft`` while one of them is still processing: it becomes the photo with the last
    of them. Raises ``MediaUnusable`` with a reason for the person. Costs two statements beside
    those of ``publish_pictures``; a draft costs one, and one for each upload.
    """
    composed = locked_draft(author, draft_id) if draft_id else None
    media = uploads.lock_for_photo(author, media_ids, draft=composed)
    for one in media:
        one.alt_text = (alt_texts or {}).get(one.pk, one.alt_text)
    if all(one.state == Media.State.READY for one in media):
        photo = publish_pictures(
            author=author,
            pictures=uploads.pictures_of(media),
            caption=caption,
            show_camera=show_camera,
        )
        # Their files are the photo's now.
        Media.objects.filter(pk__in=media_ids).delete()
        _finish(composed)
        return photo
    # A new row: the id is the moment of publishing.
    draft = Draft.objects.create(author=author, caption=caption, show_camera=show_camera)
    uploads.attach(media, draft)
    _finish(composed)
    return draft


@transaction.atomic
def publish_composed(*, author: User, draft_id: int) -> Photo | Draft:
    """Publish the unsent draft ``draft_id`` of ``author`` as it is; it is gone then.

    Returns what ``publish_media`` returns. Raises ``MediaUnusable`` for a draft that is gone, was
    sent, or has no pictures or failed ones. Two statements beside those of ``publish_media``.
    """
    draft = locked_draft(author, draft_id)
    if draft is None:
        raise not_unsent()
    return publish_media(
        author=author,
        media_ids=list(draft.media.order_by("position", "pk").values_list("pk", flat=True)),
        caption=draft.caption,
        show_camera=draft.show_camera,
        draft_id=draft_id,
    )


def _finish(draft: Draft | None) -> None:
    """Delete what was composed and is published now."""
    if draft is not None:
        discard_draft(draft)
