"""Comments that their author has brought along from another site: at their time, told to nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.people import words_from_elsewhere
from minigram_site.fields.snowflake import imported_id
from photos import photo_cache
from photos.models import Comment, Photo, PhotoStats

# Ids that are tried for one comment: each further one from twice as many.
ATTEMPTS = 12


@transaction.atomic
def import_comment(*, author: User, photo: Photo, text: str, moment: datetime) -> Comment | None:
    """Write a comment of ``moment`` below a photo of the same author; ``None`` if it is there.

    Nobody is mentioned or told. Three statements. Raises ``IntegrityError`` if the photo is gone.
    """
    mine = Comment.objects.filter(photo=photo, author=author, text=text)
    if any(abs((one.created_at - moment).total_seconds()) < 1 for one in mine):
        return None
    comment = Comment(photo=photo, author=author, text=text)
    comment.entities = words_from_elsewhere(text).entities
    for attempt in range(ATTEMPTS):
        comment.pk = imported_id(moment, attempt)
        try:
            with transaction.atomic():
                comment.save(force_insert=True)
            break
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    PhotoStats.objects.filter(photo=photo).update(comment_count=F("comment_count") + 1)
    photo_cache.invalidate_counts(photo.pk)
    return comment
