"""Hiding photos and comments, and bringing them back; and marking photos as sensitive.

A hidden photo is at no address for anybody, its author included, and counts nowhere; rows and
files stay, so that it can be shown again. Its author hides it by deleting it (``photos.bin``), and
moderators can hide it (``social.moderation``): it is shown when neither does any more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User, UserStats
from accounts.people import read_words
from minigram_site.storage import public_links
from photos import photo_cache, services
from photos.conversation import texts, threads
from photos.models import Comment, Photo, Removal

# Takes a photo out of a list of another app, and puts one there.
ListPhoto = Callable[[Photo], None]
_lists: list[tuple[ListPhoto, ListPhoto]] = []


def list_too(unlist: ListPhoto, relist: ListPhoto) -> None:
    """Call functions of another app whenever a photo is hidden, and when it is shown again.

    They run in the transaction of that, in which the author's counters are locked.
    """
    _lists.append((unlist, relist))


@transaction.atomic
def hide_photo(
    *,
    photo: Photo,
    by: Removal.By = Removal.By.MODERATORS,
    purge_at: datetime | None = None,
) -> bool:
    """Hide a photo from everybody; tell whether it was shown. A photo that is gone stays gone.

    ``purge_at`` is when it is to be deleted for good, if ever; hiding it again sets that time
    anew. Six statements, and one for each list that it leaves. Raises ``StorageUnavailable`` if its
    pictures stay at their addresses.
    """
    _take_counters(photo)
    was_hidden = Photo.objects.filter(pk=photo.pk).values_list("hidden", flat=True).first()
    if was_hidden is None:
        return False
    if not Removal.objects.filter(photo=photo.pk, by=by).update(purge_at=purge_at):
        Removal.objects.create(
            photo_id=photo.pk, owner_id=photo.author_id, by=by, purge_at=purge_at
        )
    photo.hidden = True
    if was_hidden:
        return False
    Photo.objects.filter(pk=photo.pk).update(hidden=True)
    _count(photo, -1)
    for unlist, _ in _lists:
        unlist(photo)
    public_links.withdraw_photo(photo.author_id, photo.code)
    photo_cache.invalidate_deleted(photo.pk, photo.author_id)
    return True


@transaction.atomic
def show_photo(*, photo: Photo, by: Removal.By = Removal.By.MODERATORS) -> bool:
    """Show a photo again unless somebody else hides it too; tell whether it was hidden.

    It stands where it stood, in feeds too. A photo that is gone stays gone. Five statements, and
    one for each list that it comes back to.
    """
    _take_counters(photo)
    Removal.objects.filter(photo=photo.pk, by=by).delete()
    if Removal.objects.filter(photo=photo.pk).exists():
        return False
    changed = Photo.objects.filter(pk=photo.pk, hidden=True).update(hidden=False)
    photo.hidden = False
    if not changed:
        return False
    _count(photo, 1)
    for _, relist in _lists:
        relist(photo)
    photo_cache.invalidate_created(photo.pk, photo.author_id)
    return True


@transaction.atomic
def mark_sensitive(*, photo: Photo, sensitive: bool) -> None:
    """Have a photo blurred until its viewer taps on it, or no longer. One statement."""
    Photo.objects.filter(pk=photo.pk).update(sensitive=sensitive)
    photo.sensitive = sensitive
    photo_cache.invalidate_photo(photo.pk)


@transaction.atomic
def restore_comment(
    *, author: User, photo_id: int, text: str, identifier: int, parent_id: int | None = None
) -> Comment:
    """Bring back a comment that was removed, at its place: the id is the time.

    Without its likes. Replies to it have kept its row, which gets its words again; a reply whose
    thread is gone becomes a comment of its own. One that is there stays as it is. Up to fifteen
    statements. Raises ``IntegrityError`` if its photo is gone.
    """
    held = Comment.objects.select_for_update().filter(pk=identifier).first()
    if held is not None and held.author_id is not None:
        return held
    words = read_words(text, author)
    if parent_id is not None and not Comment.objects.filter(pk=parent_id).exists():
        parent_id = None
    comment = held or Comment(id=identifier, photo_id=photo_id, parent_id=parent_id)
    comment.author, comment.text, comment.entities = author, text, words.entities
    comment.save(force_insert=held is None)
    texts.save_comment(comment, words, new=True)
    if comment.parent_id is not None:
        threads.recount([comment.parent_id])
    services.recount([photo_id])
    photo_cache.invalidate_counts(photo_id)
    return comment


def _take_counters(photo: Photo) -> None:
    """Lock the author's counters, as deleting the photo does first."""
    UserStats.objects.select_for_update().filter(user=photo.author_id).first()


def _count(photo: Photo, change: int) -> None:
    UserStats.objects.filter(user=photo.author_id).update(photo_count=F("photo_count") + change)
