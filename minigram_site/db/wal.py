"""How far a server's write-ahead log (WAL) goes: the one place that asks a server for its LSN.

An LSN (log sequence number) is a position in that log. Here it is the number of bytes since the
log began: ``pg_lsn`` as a ``bigint``.

The primary is asked by requests that have written (``minigram_site.db.lsn``), by the monitor of
each process (``minigram_site.db.monitor``), on a connection of its own, and by the thread that
renews the lease on the cache (``minigram_site.cache.lease``), which needs an LSN taken after
Redis' clock. The monitor asks more than the other two: what it sends is told from the statements
of requests by its text (``infra.lab.measure.databases``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus

# What any session has inserted last: the end of a commit that has returned lies at or before it.
# An error on a server that only replays.
_INSERTED = "(pg_current_wal_insert_lsn() - '0/0')::bigint"
_REPLAYED = "(pg_last_wal_replay_lsn() - '0/0')::bigint"

_CURRENT_LSN = f"SELECT {_INSERTED}"
_COMMIT = f"COMMIT; {_CURRENT_LSN}".encode()
# Of a primary the one that it writes; of a replica the one that it receives, or has come from.
_WRITTEN = "('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int"
_RECEIVED = (
    "coalesce((SELECT received_tli FROM pg_stat_wal_receiver), "
    "(SELECT timeline_id FROM pg_control_checkpoint()))"
)
_OBSERVATION = ", ".join(
    [
        "SELECT pg_is_in_recovery()",
        f"CASE WHEN pg_is_in_recovery() THEN {_REPLAYED} ELSE {_INSERTED} END",
        "extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8",
        f"CASE WHEN pg_is_in_recovery() THEN {_RECEIVED} ELSE {_WRITTEN} END",
    ]
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
    # Which history of the cluster the LSN belongs to: each promotion begins another one. 0 if not
    # known.
    timeline: int = 0


def observe(connection: psycopg.Connection[Any]) -> Observation:
    """Return what the server behind ``connection`` says of itself. One statement, prepared.

    Raises ``psycopg.Error`` if it does not answer.
    """
    row = connection.execute(_OBSERVATION, prepare=True).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    is_replica, lsn, seconds_since_commit, timeline = row
    return Observation(is_replica, lsn or 0, seconds_since_commit, timeline or 0)


def current_wal_lsn() -> int:
    """Return the LSN that the primary has reached; 0 without replicas, where none needs it.

    One statement on this thread's connection. Raises ``OperationalError`` (or another of
    Django's database errors) if the primary does not answer or has become a replica.
    """
    if not settings.REPLICAS:
        return 0
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_CURRENT_LSN)
        return int(cursor.fetchone()[0])


def commit(connection: psycopg.Connection[Any]) -> int | None:
    """Commit the transaction that is open; return the LSN after it, ``None`` if that is lost.

    One round trip for both statements, which PostgreSQL carries out one after the other (its
    protocol's simple query). Raises ``psycopg.Error`` if the commit fails, or its outcome is not
    known; what happens to the server after it is no error.
    """
    with connection.lock:
        return connection.wait(_commit(connection))


def _commit(connection: psycopg.Connection[Any]) -> PQGen[int | None]:
    pgconn = connection.pgconn
    pgconn.send_query(_COMMIT)
    yield from generators.send(pgconn)
    committed = yield from generators.fetch(pgconn)
    if committed is None:
        raise psycopg.OperationalError("The server has not answered the commit.")
    try:
        answer = yield from generators.fetch(pgconn)
        while (yield from generators.fetch(pgconn)) is not None:
            pass
    except psycopg.OperationalError:
        answer = None
    if committed.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(committed, encoding=connection.info.encoding)
    if answer is None or answer.status != ExecStatus.TUPLES_OK:
        return None
    return int(answer.get_value(0, 0) or 0)
