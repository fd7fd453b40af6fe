"""Verbs on what is in an album: add a photo, take it out, arrange.

The order is that of ``AlbumEntry.rank``, the largest first, with gaps: a move writes one row. All
verbs hold the album's row from their first statement on, so that two people who arrange at once do
it one after the other, each on what the other has left.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Min
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User
from photos.permissions import require_visible
from social.albums.editing import take_out
from social.albums.holding import hold_person, hold_photo
from social.albums.models import Album, AlbumEntry, AlbumQuerySet
from social.albums.reading import photos_in

MAX_PHOTOS = 1000
# Between two entries that were added one after the other. Twenty moves to one place halve it to
# nothing; then all entries are numbered anew.
GAP = 2**20

STEPS = ("first", "earlier", "later", "last")


class AlbumFull(ValidationError):
    """An album has ``MAX_PHOTOS`` photos."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            gettext("An album can hold %(max_photos)s photos, and this one is full.")
            % {"max_photos": MAX_PHOTOS},
            "full",
        )


@transaction.atomic
def add(*, user: User, album_id: int, photo_id: int) -> bool:
    """Put a photo at the end of an album; return whether it was not in there.

    Seven statements. Raises ``Http404`` unless ``user`` may add to the album and see the photo,
    ``AlbumFull``, and what ``hold_person`` and ``hold_photo`` do.
    """
    hold_person(user)
    album = _held(Album.objects.edited_by(user), album_id)
    require_visible(user, photo_id)
    hold_photo(photo_id)
    entries = AlbumEntry.objects.filter(album=album)
    if entries.filter(photo=photo_id).exists():
        return False
    there = entries.aggregate(number=Count("pk"), lowest=Min("rank"))
    if there["number"] >= MAX_PHOTOS:
        raise AlbumFull
    rank = (there["lowest"] or 0) - GAP
    AlbumEntry.objects.create(album=album, photo_id=photo_id, added_by=user, rank=rank)
    return True


@transaction.atomic
def remove(*, user: User, album_id: int, photo_id: int) -> None:
    """Take a photo out of an album; one that is not in there changes nothing. Four statements.

    The owner of the album takes out any photo, everybody their own photos and those that they
    added. Raises ``Http404`` unless ``user`` may open the album, ``PermissionDenied`` for others'.
    """
    album = _held(Album.objects.visible_to(user), album_id)
    entries = AlbumEntry.objects.filter(album=album, photo=photo_id)
    entry = entries.select_related("photo").first()
    if entry is None:
        return
    if user.pk not in {album.owner_id, entry.added_by_id, entry.photo.author_id}:
        raise PermissionDenied(
            gettext("Only the album’s owner and whoever took or added the photo can remove it.")
        )
    take_out(entry)


@transaction.atomic
def move(*, user: User, album_id: int, photo_id: int, before: int | None) -> None:
    """Move a photo before another one of the album, or to the end (``None``). Four statements.

    Reads the ranks of the album, ``MAX_PHOTOS`` at most. Raises ``Http404`` unless ``user`` may add
    to the album and the photo is in it, ``ValidationError`` if ``before`` is not.
    """
    album = _held(Album.objects.edited_by(user), album_id)
    _place(album, photo_id, before)


@transaction.atomic
def step(*, user: User, album_id: int, photo_id: int, to: str) -> None:
    """Move a photo by one place, or to an end, among those that ``user`` sees.

    ``to`` is one of ``STEPS``. Five statements. Raises ``Http404`` as ``move`` does, and unless
    they see the photo.
    """
    album = _held(Album.objects.edited_by(user), album_id)
    seen = list(
        photos_in(album_id, user).order_by("-album_entries__rank").values_list("pk", flat=True)
    )
    if photo_id not in seen:
        raise Http404
    here = seen.index(photo_id)
    places = {"first": 0, "earlier": max(here - 1, 0), "later": here + 2, "last": len(seen)}
    follower = places[to]
    _place(album, photo_id, seen[follower] if follower < len(seen) else None)


@transaction.atomic
def place(*, user: User, album_id: int, photo_id: int, after: int | None) -> None:
    """Move a photo behind another one, or to the front (``None``), among those that ``user`` sees.

    Five statements. Raises ``Http404`` as ``step`` does, and ``ValidationError`` if ``after`` is
    not among them.
    """
    album = _held(Album.objects.edited_by(user), album_id)
    order = photos_in(album_id, user).order_by("-album_entries__rank")
    seen = list(order.values_list("pk", flat=True))
    if photo_id not in seen:
        raise Http404
    seen.remove(photo_id)
    if after is not None and after not in seen:
        raise ValidationError({"after": "This photo is not in the album."})
    here = 0 if after is None else seen.index(after) + 1
    _place(album, photo_id, seen[here] if here < len(seen) else None)


def _held(albums: AlbumQuerySet, album_id: int) -> Album:
    """Return one of these albums, locked; ``Http404`` if it is not among them. One query."""
    album = albums.filter(pk=album_id).select_for_update(of=("self",)).first()
    if album is None:
        raise Http404
    return album


def _place(album: Album, photo_id: int, before: int | None) -> None:
    entries = AlbumEntry.objects.filter(album=album)
    ranks = dict(entries.order_by("-rank").values_list("photo_id", "rank"))
    if photo_id not in ranks:
        raise Http404
    if before == photo_id:
        return
    if before is not None and before not in ranks:
        raise ValidationError({"before": gettext("Choose a photo of this album.")})
    order = [photo for photo in ranks if photo != photo_id]
    place = len(order) if before is None else order.index(before)
    rank = _between(ranks, order, place)
    if rank is None:
        order.insert(place, photo_id)
        _number_anew(entries, order, min(ranks.values()))
    else:
        entries.filter(photo=photo_id).update(rank=rank)


def _between(ranks: dict[int, int], order: list[int], place: int) -> int | None:
    """Return a free rank for the ``place`` in ``order``; ``None`` if there is none."""
    if not order:
        return 0
    if place == 0:
        return ranks[order[0]] + GAP
    if place == len(order):
        return ranks[order[-1]] - GAP
    above, below = ranks[order[place - 1]], ranks[order[place]]
    return (above + below) // 2 if above - below > 1 else None


def _number_anew(entries: Any, order: list[int], lowest: int) -> None:
    """Give all entries ranks below the lowest: none is one that another entry still has."""
    held = {entry.photo_id: entry for entry in entries}
    for number, photo in enumerate(order, start=1):
        held[photo].rank = lowest - number * GAP
    AlbumEntry.objects.bulk_update(held.values(), ["rank"])
