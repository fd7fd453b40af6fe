"""What tests of explore have in common."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from social.explore import snapshots
from social.models import ExplorePlace, ExploreSnapshot


def rank_anew() -> None:
    """Compute a new snapshot, as a later period would; those that are there stay."""
    # No period is negative, and no two ids are equal.
    ExploreSnapshot.objects.update(period=-F("id"))
    assert snapshots.renew()


def made_earlier() -> None:
    """Have the one snapshot be of an earlier period, as for a process that has not read it yet."""
    snapshots._Process.newest = None
    held = ExploreSnapshot.objects.get()
    ExplorePlace.objects.update(snapshot_id=1)
    ExploreSnapshot.objects.update(id=1, period=held.period - 1)


def ids(page: Any) -> list[int]:
    """Return the ids of the photos of a page."""
    return [card.id for card in page.items]
