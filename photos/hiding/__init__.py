"""Photos and comments out of sight: hidden by moderators, archived by their author, brought back.

A hidden photo is at no address for anybody, its author included; an archived one only its author
sees. Neither is in a list or counted; rows and files stay, so that it can be shown again. An
author hides a photo by deleting it (``photos.bin``), and moderators can hide it
(``social.moderation``): it is shown when neither does any more. A photo can be hidden and archived,
and is listed when it is neither (``photos.hiding.listing``).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.people import read_words
from photos import photo_cache, services
from photos.conversation import texts, threads
from photos.hiding import listing
from photos.models import Comment, Photo, Removal


@transaction.atomic
def hide_photo(
    *,
    photo: Photo,
    by: Removal.By = Removal.By.MODERATORS,
    purge_at: datetime | None = None,
) -> bool:
    """Hide a photo from everybody; tell whether it was not hidden. A photo that is gone stays gone.

    ``purge_at`` is when it is to be deleted for good, if ever; hiding it again sets that time
    anew. Some statements. Raises ``StorageUnavailable`` if its pictures stay at their addresses.
    """
    listing.lock(photo)
    if not Photo.objects.filter(pk=photo.pk).exists():
        return False
    if not Removal.objects.filter(photo=photo.pk, by=by).update(purge_at=purge_at):
        Removal.objects.create(
            photo_id=photo.pk, owner_id=photo.author_id, by=by, purge_at=purge_at
        )
    photo.hidden = True
    return listing.change(photo, "hidden", to=True)


@transaction.atomic
def show_photo(*, photo: Photo, by: Removal.By = Removal.By.MODERATORS) -> bool:
    """Show a photo again unless somebody else hides it too; tell whether it was hidden.

    It stands where it stood, in feeds too. A photo that is gone stays gone. Some statements.
    """
    listing.lock(photo)
    Removal.objects.filter(photo=photo.pk, by=by).delete()
    if Removal.objects.filter(photo=photo.pk).exists():
        return False
    photo.hidden = False
    return listing.change(photo, "hidden", to=False)


@transaction.atomic
def archive_photo(*, photo: Photo) -> bool:
    """Put a photo away: only its author sees it. Tell whether it was not. Some statements.

    Raises ``StorageUnavailable`` if its pictures stay at their public addresses.
    """
    photo.archived = True
    return listing.change(photo, "archived", to=True)


@transaction.atomic
def bring_back_photo(*, photo: Photo) -> bool:
    """Bring an archived photo back where it stood; tell whether it was. Some statements."""
    photo.archived = False
    return listing.change(photo, "archived", to=False)


@transaction.atomic
def mark_sensitive(*, photo: Photo, sensitive: bool) -> None:
    """Have a photo blurred until its viewer taps on it, or no longer. One statement."""
    Photo.objects.filter(pk=photo.pk).update(sensitive=sensitive)
    photo.sensitive = sensitive
    photo_cache.invalidate_photo(photo.pk, photo.author_id)


@transaction.atomic
def restore_comment(
    *,
    author: User,
    photo_id: int,
    text: str,
    identifier: int,
    parent_id: int | None = None,
    edited_at: datetime | None = None,
) -> Comment:
    """Bring back a comment that was removed, at its place: the id is the time.

    Without its likes. Replies to it have kept its row, which gets its words again; a reply whose
    thread is gone becomes a comment of its own. One that is there stays as it is. Up to seventeen
    statements. Raises ``IntegrityError`` if its photo is gone.
    """
    threads.hold(photo_id, author.pk)
    held = Comment.objects.select_for_update().filter(pk=identifier).first()
    if held is not None and held.author_id is not None:
        return held
    words = read_words(text, author)
    if parent_id is not None and not Comment.objects.filter(pk=parent_id).exists():
        parent_id = None
    comment = held or Comment(id=identifier, photo_id=photo_id, parent_id=parent_id)
    comment.author, comment.text, comment.entities = author, text, words.entities
    comment.edited_at = edited_at
    comment.save(force_insert=held is None)
    texts.save_comment(comment, words, new=True)
    if comment.parent_id is not None:
        threads.recount([comment.parent_id])
    services.recount([photo_id])
    photo_cache.invalidate_counts(photo_id)
    return comment
