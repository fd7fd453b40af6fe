"""The popular photos, page by page in the ranking that stood when the first page was read.

The cursor of a page names its snapshot (``social.explore.snapshots``), so whatever is liked
meanwhile, and whoever takes a like back, nothing is left out and nothing is repeated. Whether the
viewer may see a photo is asked at every read, never of the snapshot.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User, Viewer
from minigram_site.db import IndexProbe
from photos.models import Photo
from social.models import ExplorePlace, ExploreSnapshot

# Rank and id: the sort key.
Key = tuple[int, ...]


def public_people(viewer: Viewer) -> QuerySet[User, Any]:
    """Return the public people that ``viewer`` may see, without limited ones and whom they mute.

    Used as a subquery per photo (``Exists``) rather than a join, so that both databases walk the
    photos in the order of the page and stop when it is full.
    """
    people = User.objects.viewable_by(viewer).filter(is_private=False, is_limited=False)
    return people.not_muted_by(viewer)


def popular_places(
    snapshot: int, rank: int, viewer_id: int | None = None, *, backward: bool = False
) -> QuerySet[Any, Any]:
    """Return the query for rank, photo and snapshot of the places past ``rank``.

    ``snapshot`` is the newest that counts. Where that one is not there any more it is the oldest
    one that is, and where a replica has not got it yet, the one before it.
    """
    newest = ExploreSnapshot.objects.order_by("-pk").values("pk")
    named = Coalesce(
        Subquery(newest.filter(pk__lte=snapshot)[:1]), Subquery(newest.order_by("pk")[:1])
    )
    shown = IndexProbe(public_photo(OuterRef("photo_id"), viewer_id))
    beyond = {"rank__gt" if backward else "rank__lt": rank}
    places = ExplorePlace.objects.filter(shown, snapshot_id=named, **beyond)
    sign = "" if backward else "-"
    return places.order_by(f"{sign}rank", f"{sign}photo_id").values_list(
        "rank", "photo_id", "snapshot_id"
    )


def public_photo(photo_id: Any, viewer_id: int | None = None) -> QuerySet[Photo, Any]:
    """Return the query for a photo, if it is public to the viewer; ``None`` is a visitor."""
    viewer = AnonymousUser() if viewer_id is None else User(pk=viewer_id)
    return Photo.objects.public_to(viewer).filter(pk=photo_id).values("pk")
