"""Photos that their author has brought along from another site: at their time, told to nobody.

Their files go the way of all uploads (the look at the first bytes, banned pictures, the decoder),
and their rows are those of all photos; only feeds and notifications hear nothing of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import IO

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from accounts.models import User
from accounts.people import words_from_elsewhere
from minigram_site.fields.snowflake import imported_id
from photos import hiding, photo_cache, uploads
from photos.models import Media, Photo
from photos.pictures import Picture
from photos.refusals import ImageRejected
from photos.services import create_photo, edit_photo
from social.moderation import bans

# Ids that are tried for one photo: each further one from twice as many.
ATTEMPTS = 12


class FileRejected(Exception):
    """A file is refused: ``number`` says which, from 0; the message is for the person."""

    def __init__(self, error: ImageRejected, number: int) -> None:
        """Take what the upload was refused with."""
        super().__init__(error.message)
        self.code, self.number = error.code, number


class NoDate(Exception):
    """Neither the archive nor the picture says when it was taken."""


@dataclass
class ImportedFile:
    """A picture as it was on another site: its file, its description, and how it was shown."""

    content: IO[bytes]
    alt_text: str = ""
    turn: int = 0
    crop: Sequence[float] = ()


def publish_imported(
    *,
    author: User,
    files: Sequence[ImportedFile],
    moment: datetime | None,
    zone: tzinfo = UTC,
    caption: str = "",
    archived: bool = False,
    show_camera: bool = False,
    comments_off: bool = False,
) -> Photo:
    """Make a photo of ``moment`` of up to ten files; no feed holds it, and nobody is mentioned.

    Without a moment it is the one at which the camera took the first file, in ``zone`` if the file
    does not say in which. Its pictures are made now, whether there is a worker or not. Raises
    ``FileRejected`` for the first file that is refused, ``NoDate`` where the file knows of none,
    and ``ValueError`` for a crop that is none; nothing is left then.
    Costs what ``uploads.receive`` and ``process`` do for each file, and then the statements of
    ``create_photo`` and ``bans.report_alike``.
    """
    media: list[Media] = []
    try:
        media.extend(_received(author, file) for file in files)
        return _publish(
            author=author,
            media=media,
            moment=moment or _taken(media[0], zone),
            caption=caption,
            archived=archived,
            show_camera=show_camera,
            comments_off=comments_off,
        )
    except ImageRejected as error:
        uploads.discard(Media.objects.unattached().filter(pk__in=[one.pk for one in media]))
        raise FileRejected(error, len(media)) from None
    except BaseException:
        uploads.discard(Media.objects.unattached().filter(pk__in=[one.pk for one in media]))
        raise


def _received(owner: User, file: ImportedFile) -> Media:
    """Receive a file and make its pictures; nothing is left of one that is refused."""
    bans.refuse_banned(file.content)
    media = uploads.receive(owner=owner, image=file.content, alt_text=file.alt_text)
    try:
        uploads.adjust(media=media, turn=file.turn, crop=file.crop)
        uploads.process(media.pk)
        media.refresh_from_db()
        if media.state == Media.State.FAILED:
            raise ImageRejected(media.reason)
    except BaseException:
        uploads.discard(Media.objects.unattached().filter(pk=media.pk))
        raise
    return media


def _taken(media: Media, zone: tzinfo) -> datetime:
    """Return when the camera took a picture. Raises ``NoDate``."""
    found = parse_datetime(media.picture["camera"].get("taken", "").replace(" ", "T"))
    if found is None:
        raise NoDate
    return found if found.tzinfo else found.replace(tzinfo=zone)


@transaction.atomic
def _publish(
    *,
    author: User,
    media: Sequence[Media],
    moment: datetime,
    caption: str,
    archived: bool,
    show_camera: bool,
    comments_off: bool,
) -> Photo:
    ids = [one.pk for one in media]
    pictures = uploads.pictures_of(uploads.lock_for_photo(author, ids))
    photo = _created(author, pictures, moment, caption, show_camera=show_camera)
    Media.objects.filter(pk__in=ids).delete()
    if comments_off:
        edit_photo(photo=photo, comments_off=True)
    if archived:
        hiding.archive_photo(photo=photo)
    bans.report_alike(photo)
    photo_cache.invalidate_created(photo.pk, author.pk)
    return photo


def _created(
    author: User,
    pictures: Sequence[Picture],
    moment: datetime,
    caption: str,
    *,
    show_camera: bool,
) -> Photo:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return create_photo(
                    author=author,
                    pictures=pictures,
                    caption=caption,
                    show_camera=show_camera,
                    identifier=imported_id(moment, attempt),
                    words=words_from_elsewhere(caption),
                )
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("The loop returns or raises.")
