"""Publishing a photo: from an upload to a picture in every follower's feed."""

from __future__ import annotations

from typing import IO

from django.db import transaction

from accounts.models import User
from photos import files, images
from photos.models import Photo
from photos.services import create_photo
from social import feed


def publish(*, author: User, image: IO[bytes], caption: str = "", alt_text: str = "") -> Photo:
    """Turn an uploaded file into a photo that followers see at once.

    Raises ``images.ImageRejected`` with a reason for the person. Either everything is there
    afterwards (files, photo, feed entries) or nothing: files saved before a failure are deleted.
    Decoding happens before the transaction, which holds the database for milliseconds only.
    """
    processed = images.process(image)
    with files.stored(processed, image) as stored, transaction.atomic():
        photo = create_photo(
            author=author, processed=processed, stored=stored, caption=caption, alt_text=alt_text
        )
        feed.fan_out(photo)
    return photo
