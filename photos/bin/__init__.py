"""The bin: what its author has deleted can be brought back for 30 days, then the files go.

A photo in the bin is hidden (``photos.hiding``), with all that belongs to it. What moderators
remove is in this bin too, and only they bring it back.
"""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User, UserStats
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos import hiding, services
from photos.models import KEPT, Photo, Removal
from photos.services import PhotoGone


class CannotRestore(ValueError):
    """Moderators hide the photo; the message says so, ``code`` is for programs."""

    code = "hidden_by_moderators"


def move_to_bin(*, photo: Photo) -> None:
    """Delete a photo in such a way that its author can bring it back for ``KEPT``.

    Costs what ``hiding.hide_photo`` does. Raises ``PhotoGone`` if it is gone already,
    ``StorageUnavailable`` if its pictures stay at their addresses.
    """
    hidden = hiding.hide_photo(photo=photo, by=Removal.By.AUTHOR, purge_at=timezone.now() + KEPT)
    if not hidden and not Photo.objects.filter(pk=photo.pk).exists():
        raise PhotoGone(gettext("This photo was deleted."))


def deleted_photos(author: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[Removal]:
    """Return a page of what ``author`` has deleted and can bring back, newest first. One query."""
    return paginate(Removal.objects.deleted_by(author), cursor, size)


def deleted_photo(author: User, photo_id: int) -> Removal:
    """Return what ``author`` has deleted; raises ``Http404`` if it is not there (any more).

    One query.
    """
    found = Removal.objects.deleted_by(author).filter(photo=photo_id).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def restore(*, removal: Removal) -> None:
    """Bring a photo back to where it was, with likes and comments.

    Raises ``PhotoGone`` if it was deleted for good meanwhile, ``CannotRestore`` while moderators
    hide it too. Costs what ``hiding.show_photo`` does, and three statements.
    """
    held = _take(removal)
    if Removal.objects.filter(photo=held.photo_id, by=Removal.By.MODERATORS).exists():
        raise CannotRestore(
            gettext("The moderators have hidden this photo, so it can’t be restored.")
        )
    hiding.show_photo(photo=held.photo, by=Removal.By.AUTHOR)


@transaction.atomic
def give_up(*, removal: Removal) -> None:
    """Let nobody but moderators bring a photo back: it can be deleted from now on (``purge``).

    Raises ``PhotoGone`` if it was brought back or deleted meanwhile. Three statements.
    """
    held = _take(removal)
    held.final, held.purge_at = True, timezone.now()
    held.save(update_fields=["final", "purge_at"])


@transaction.atomic
def purge(*, removal: Removal) -> bool:
    """Delete a photo with its files if its time in the bin is over; tell whether it was.

    Somebody may have brought it back meanwhile. Costs what ``services.delete_photo`` does, and two
    statements.
    """
    _take_counters(removal)
    due = Removal.objects.due().filter(pk=removal.pk).select_related("photo").first()
    if due is None:
        return False
    services.delete_photo(photo=due.photo)
    return True


def picture_of(removal: Removal) -> FileResponse:
    """Send the cover of a photo in the bin in its smallest size: it is at no other address.

    Whose bin it is the caller has asked. Raises ``Http404`` without a file.
    """
    renditions = removal.photo.renditions
    if not renditions:
        raise Http404
    try:
        content = default_storage.open(renditions[0][2])
    except FileNotFoundError:
        raise Http404 from None
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(content, content_type="image/webp", headers=headers)


def _take(removal: Removal) -> Removal:
    """Return the row of what an author has deleted, locked with the author's counters."""
    _take_counters(removal)
    mine = Removal.objects.filter(pk=removal.pk, by=Removal.By.AUTHOR, final=False)
    held = mine.select_related("photo").first()
    if held is None:
        raise PhotoGone(gettext("This photo is no longer in your deleted photos."))
    return held


def _take_counters(removal: Removal) -> None:
    """Lock the author's counters, as all do first who hide, show or delete a photo."""
    UserStats.objects.select_for_update().filter(user=removal.owner_id).first()
