"""What moderators do to photos and comments: hide, mark as sensitive, bring back.

A hidden photo is at no address for anybody, its author included, and counts nowhere; rows and
files stay, so that it can be shown again.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from accounts.models import User, UserStats
from accounts.people import read_words
from minigram_site.storage import public_links
from photos import photo_cache, services
from photos.conversation import texts, threads
from photos.conversation.tag_cache import PUBLISHED
from photos.models import Comment, Photo


@transaction.atomic
def hide_photo(*, photo: Photo) -> bool:
    """Hide a photo from everybody; tell whether it was shown. Three statements.

    Raises ``StorageUnavailable`` if its pictures stay at their addresses.
    """
    _take_counters(photo)
    changed = Photo.objects.filter(pk=photo.pk, hidden=False).update(hidden=True)
    if changed:
        _count(photo, -1)
        public_links.withdraw_photo(photo.author_id, photo.code)
        photo_cache.invalidate_deleted(photo.pk, photo.author_id)
    photo.hidden = True
    return bool(changed)


@transaction.atomic
def show_photo(*, photo: Photo) -> bool:
    """Show a hidden photo again; tell whether it was hidden. Three statements.

    It stands where it stood, in feeds too. A photo that is gone stays gone.
    """
    _take_counters(photo)
    changed = Photo.objects.filter(pk=photo.pk, hidden=True).update(hidden=False)
    if changed:
        _count(photo, 1)
        photo_cache.invalidate_created(photo.pk, photo.author_id, [PUBLISHED])
    photo.hidden = False
    return bool(changed)


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
