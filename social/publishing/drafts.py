"""Drafts: photos in the making, which are published with the last of their pictures."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from photos import uploads
from photos.models import Draft, Media, Photo
from photos.pictures import Picture
from photos.services import create_photo
from social import feed
from social.moderation import bans


def publish_pictures(
    *,
    author: User,
    pictures: Sequence[Picture],
    caption: str,
    show_camera: bool,
    identifier: int | None = None,
) -> Photo:
    """Make a photo of stored pictures and put it into the feeds of all followers.

    Call it inside a transaction. ``identifier`` is the id that a draft has promised. Costs the
    statements of ``create_photo``, ``feed.fan_out`` and ``bans.report_alike``.
    """
    photo = create_photo(
        author=author,
        pictures=pictures,
        caption=caption,
        show_camera=show_camera,
        identifier=identifier,
    )
    feed.fan_out(photo)
    bans.report_alike(photo)
    return photo


@transaction.atomic
def publish_draft(draft_id: int) -> Photo | None:
    """Publish a draft that was sent if all its pictures are ready; ``None`` if not or it is gone.

    Three statements beside those of ``publish_pictures``.
    """
    drafts = Draft.objects.sent().select_for_update(of=("self",)).filter(pk=draft_id)
    draft = drafts.select_related("author").first()
    if draft is None:
        return None
    media = list(draft.media.select_for_update().order_by("position"))
    if not media or any(one.state != Media.State.READY for one in media):
        return None
    photo = publish_pictures(
        author=draft.author,
        pictures=uploads.pictures_of(media),
        caption=draft.caption,
        show_camera=draft.show_camera,
        identifier=draft.pk,
    )
    draft.delete()
    return photo


@transaction.atomic
def discard_draft(draft: Draft) -> None:
    """Delete a draft with its uploads and their files; one that is published stays a photo.

    Locks the draft before its uploads, as ``publish_draft`` does.
    """
    if Draft.objects.select_for_update().filter(pk=draft.pk).exists():
        uploads.discard(draft.media.all())
        draft.delete()
