"""Snapshots of explore: rankings of the popular photos with the trending tags, period by period.

Whoever reads the first page of the popular photos, or asks for the trending tags, and finds a
snapshot of an earlier period, computes the next one: no worker is needed, and a site that nobody
visits computes nothing. Of several that do so at once one is stored.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, transaction
from django.db.models import QuerySet

from minigram_site.db import (
    fetch_compiled,
    insert_missing,
    insert_or_ignore,
    on_primary,
    primary_alias,
)
from minigram_site.fields.snowflake import id_at, moment_of, new_id
from social.explore import ranking, trending
from social.models import ExplorePlace, ExploreSnapshot

logger = logging.getLogger(__name__)

# One snapshot is computed in each.
PERIOD_MS = 60_000
# Whoever reads on later than this after their first page goes on in the oldest that is there.
KEPT = timedelta(hours=2)
# After the database has refused to store one, this process serves the last one for so long.
PAUSE_SECONDS = 10


class Snapshot(NamedTuple):
    """What pages show of a snapshot beside its photos: its id, and the tags."""

    pk: int
    trending: tuple[trending.TrendingTag, ...]


class _Process:
    """What this process knows: who is at it, until when it does not try again, and the newest."""

    computing = Lock()
    paused_until = 0.0
    newest: Snapshot | None = None


def is_due(snapshot_id: int) -> bool:
    """Tell whether a snapshot is of an earlier period. No query."""
    return _period(moment_of(snapshot_id)) < _period(datetime.now(UTC))


def newest() -> Snapshot | None:
    """Return the newest snapshot by now, if there is one.

    No query while it is that of this period, of which there is only one; else one query.
    """
    kept = _Process.newest
    if kept is not None and not is_due(kept.pk):
        return kept
    rows = fetch_compiled(("newest snapshot",), _newest, [])
    if not rows:
        return None
    tags = tuple(trending.TrendingTag(*row) for row in orjson.loads(rows[0][1]))
    found = _Process.newest = Snapshot(rows[0][0], tags)
    return found


def renew(*, wait: bool = False) -> bool:
    """Compute a snapshot and store it; tell whether there is a new one.

    Nine statements. Not done where this process is at it already, unless the caller is to ``wait``
    for that, nor while the primary is down, and for some seconds after it has refused: the last one
    is served then. Of several that store one in the same period the first does.
    """
    if time.monotonic() < _Process.paused_until or primary_alias() != DEFAULT_DB_ALIAS:
        return False
    if not _Process.computing.acquire(blocking=wait):
        return False
    try:
        with on_primary():
            now = datetime.now(UTC)
            _Process.newest = None
            return _store(now, ranking.ranked(), trending.compute(now)) or wait
    except (DatabaseError, InterfaceError):
        _Process.paused_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("Explore could not be ranked anew.", exc_info=True)
        return False
    finally:
        _Process.computing.release()


def _newest() -> QuerySet[ExploreSnapshot, Any]:
    return ExploreSnapshot.objects.order_by("-pk").values_list("pk", "trending")[:1]


@transaction.atomic
def _store(now: datetime, photos: list[int], tags: list[trending.TrendingTag]) -> bool:
    period, identifier = _period(now), new_id()
    if not insert_or_ignore(ExploreSnapshot, id=identifier, period=period, trending=tags):
        return False
    rows = [(identifier, len(photos) - place, photo) for place, photo in enumerate(photos)]
    insert_missing(ExplorePlace, ("snapshot_id", "rank", "photo_id"), rows)
    expired = id_at(now - KEPT)
    ExplorePlace.objects.filter(snapshot_id__lt=expired).delete()
    ExploreSnapshot.objects.filter(pk__lt=expired).delete()
    return True


def _period(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) // PERIOD_MS
