"""The largest size of pictures, made when a photo has been published already.

Only who fills a large screen with a photo, or zooms into it, is sent that file, and nobody has to
wait for it: an upload stays within its budget of CPU time (docs/media.md). A worker makes it within
some minutes, ``manage.py maintain`` once a day, ``manage.py large_sizes`` for all photos there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db import transaction

from photos import photo_cache
from photos.files.store import stored
from photos.images import LARGE_WIDTH, process_large
from photos.models import Photo
from photos.pictures import Picture
from photos.refusals import ImageRejected

logger = logging.getLogger(__name__)

# A size that is hardly wider than the one there is would be worth nothing.
WORTH = 1.15
BATCH = 100


def lacks_large(picture: Picture) -> bool:
    """Tell whether a picture has more pixels than its widest size, and a file to take them from."""
    widest = max((width for width, _, _ in picture.renditions), default=0)
    return bool(picture.original) and min(picture.width, LARGE_WIDTH) > WORTH * widest > 0


def make_large(photo_id: int) -> int:
    """Make the largest size of the pictures of a photo that lack it; return how many it was.

    What cannot be made is logged and left. Costs one query where nothing is lacking, else one
    decoder process, a file and a transaction of two statements for each picture.
    """
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        return 0
    lacking = [picture for picture in photo.pictures if lacks_large(picture)]
    return sum(_make(photo, picture) for picture in lacking)


def make_next(after: int, *, limit: int = BATCH) -> tuple[int, int]:
    """Make what is lacking of the next photo with an id above ``after`` that lacks anything.

    Returns the id up to which all has been looked at, and how many sizes were made: 0 at the end.
    One query beside those of ``make_large``.
    """
    for photo in Photo.objects.filter(pk__gt=after).order_by("pk")[:limit]:
        after = photo.pk
        if any(map(lacks_large, photo.pictures)) and (made := make_large(photo.pk)):
            return after, made
    return after, 0


def make_all(after: int = 0) -> Iterator[int]:
    """Make what is lacking of all photos with ids above ``after``; yield how many, one by one."""
    while True:
        before = after
        after, made = make_next(after)
        if made:
            yield made
        elif after == before:
            return


def _make(photo: Photo, picture: Picture) -> int:
    try:
        with default_storage.open(picture.original) as file:
            # What its author has cut away is in no file that others are sent.
            processed = process_large(file, turn=picture.turn, crop=picture.crop)
        with stored(processed) as files, transaction.atomic():
            size = files.renditions[-1]
            held = Photo.objects.select_for_update().filter(pk=photo.pk).first()
            if held is None or not _add(held, picture.original, size, files.size):
                raise _Needless
            held.save(update_fields=["renditions", "size", "more", "more_size"])
            photo_cache.invalidate_photo(held.pk, held.author_id)
    except _Needless:
        return 0
    except (ImageRejected, OSError) as error:
        logger.warning("The largest size of %s cannot be made: %s", photo, error)
        return 0
    return 1


class _Needless(Exception):
    """The photo is gone, or another process was faster: the file made here is deleted."""


def _add(photo: Photo, original: str, size: tuple[int, int, str], weight: int) -> bool:
    """Add a size of so many bytes to the picture of that original; tell whether it lacked it."""
    if photo.original == original:
        if not lacks_large(photo.pictures[0]):
            return False
        photo.renditions = [*photo.renditions, list(size)]
        photo.size += weight
        return True
    for picture in photo.more:
        if picture["original"] == original and lacks_large(Picture(**picture)):
            picture["renditions"] = [*picture["renditions"], list(size)]
            picture["size"] = picture.get("size", 0) + weight
            photo.more_size += weight
            return True
    return False
