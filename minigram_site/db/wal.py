"""The one statement by which a server is asked how far its write-ahead log (WAL) goes.

An LSN (log sequence number) is a position in that log. Here it is the number of bytes since the
log began: ``pg_lsn`` as a ``bigint``.

Two threads of a process ask the primary regularly: its monitor (``minigram_site.db.monitor``),
on a connection of its own, and the thread that renews the lease on the cache
(``minigram_site.cache.lease``), which needs an LSN taken after Redis' clock and on the connection
that has just read the lease. Both, and requests that have written, come through this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

# A primary is asked for what was inserted last by any session: the end of a commit that has
# returned lies at or before it. A replica is asked for what it has replayed.
_STATUS = (
    "SELECT pg_is_in_recovery(),"
    " ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_insert_lsn() END) - '0/0')::bigint,"
    " extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8"
)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a server said of itself."""

    # True while it replays the log of another server; false for a primary, and for a replica
    # that was promoted.
    is_replica: bool
    # The end of what it has inserted (primary) or replayed (replica).
    lsn: int
    # Seconds since the commit that it replayed last was made, by the clocks of the two servers.
    seconds_since_commit: float | None = None


def observe(connection: psycopg.Connection[Any]) -> Observation:
    """Return what the server behind ``connection`` says of itself. One statement, prepared.

    Raises ``psycopg.Error`` if it does not answer.
    """
    return _observation(connection.execute(_STATUS, prepare=True).fetchone())


def current_wal_lsn() -> int:
    """Return the LSN that the primary has reached; 0 without replicas, where nobody needs it.

    One statement on this thread's connection. Raises ``OperationalError`` (or another of
    Django's database errors) if the primary does not answer or is no primary any more.
    """
    if not settings.REPLICAS:
        return 0
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_STATUS)
        observation = _observation(cursor.fetchone())
    if observation.is_replica:
        raise OperationalError("The primary has become a replica: it has no LSN of its own.")
    return observation.lsn


def _observation(row: Any) -> Observation:
    is_replica, lsn, seconds_since_commit = row
    return Observation(is_replica, lsn or 0, seconds_since_commit)
