"""The bin of albums: what its owner has deleted can be brought back for 30 days.

An album in the bin keeps its entries, their order, cover, members and links, and nobody meets it
(``Album.objects``). Nothing of it is counted anywhere, so nothing else changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import moment_of, new_id
from minigram_site.web.pagination import Cursor, Page, paginate
from photos.models import KEPT
from social.albums.editing import own_album
from social.albums.models import Album
from social.albums.reading import ALBUMS, AlbumCard, album_cards, as_seen

# Albums that one call deletes at the most; each is a transaction.
BATCH = 500
KEYS = ("bin_id",)


class DeletedAlbum(NamedTuple):
    """An album in the bin, as its owner sees it."""

    card: AlbumCard
    deleted_at: datetime

    @property
    def purge_at(self) -> datetime:
        """When it is gone for good."""
        return self.deleted_at + KEPT


@transaction.atomic
def move_to_bin(*, owner: User, album_id: int) -> None:
    """Delete an album so that its owner can bring it back for ``KEPT``; its photos stay.

    Two statements. Raises what ``own_album`` does.
    """
    album = own_album(owner, album_id)
    album.bin_id = new_id()
    album.save(update_fields=["bin_id"])


@transaction.atomic
def restore(*, owner: User, album_id: int) -> None:
    """Bring an album back as it was, for all who could open it. One statement.

    Raises ``Http404`` if it is not in the bin of ``owner`` (any more).
    """
    if not Album.with_deleted.deleted_by(owner).filter(pk=album_id).update(bin_id=None):
        raise Http404


@transaction.atomic
def delete_for_good(*, owner: User, album_id: int) -> None:
    """Delete an album of the bin with its entries, members and links; its photos stay.

    Raises ``Http404`` if it is not in the bin of ``owner`` (any more). Five statements.
    """
    held = Album.with_deleted.deleted_by(owner).filter(pk=album_id).select_for_update().first()
    if held is None:
        raise Http404
    held.delete()


def empty_bin(limit: int = BATCH) -> int:
    """Delete albums whose time in the bin is over; return how many.

    At most ``limit``, those first that have waited longest. Safe at any time, and in several
    processes at once.
    """
    due = Album.with_deleted.deleted_before(timezone.now() - KEPT).order_by("bin_id")
    return sum(_purge(album_id) for album_id in list(due.values_list("pk", flat=True)[:limit]))


def deleted_albums(owner: User, cursor: Cursor | None, size: int = ALBUMS) -> Page[DeletedAlbum]:
    """Return a page of the albums that ``owner`` can bring back, the latest deleted first.

    Two queries.
    """
    mine = as_seen(Album.with_deleted.deleted_by(owner), owner)
    page = paginate(mine, cursor, size, KEYS)
    cards = album_cards(page.items, owner)
    moments = [moment_of(album.bin_id or 0) for album in page.items]
    return page.with_items(list(map(DeletedAlbum, cards, moments)))


def deleted_album(owner: User, album_id: int) -> Album:
    """Return an album in the bin of ``owner``. One query. Raises ``Http404`` for any other."""
    found = Album.with_deleted.deleted_by(owner).filter(pk=album_id).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def _purge(album_id: int) -> bool:
    """Delete an album unless its owner has brought it back meanwhile; tell whether it was."""
    due = Album.with_deleted.deleted_before(timezone.now() - KEPT)
    held = due.filter(pk=album_id).select_for_update().first()
    if held is None:
        return False
    held.delete()
    return True
