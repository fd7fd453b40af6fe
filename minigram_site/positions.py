"""Positions in PostgreSQL's write-ahead log: how a client gets to see its own writes.

A position is a number of bytes since the log began (``pg_lsn`` as a bigint). After a write the
position is handed to the client and remembered for its person; a replica may answer that client
once it has replayed the log up to there.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from minigram_site import current
from minigram_site.position_table import EVERYBODY, PositionTable

PRIMARY = "default"
# What was inserted last by anybody: at or behind the end of a commit that has returned.
_NOW = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"

_table = PositionTable(settings.DATA_DIR / "run" / "positions")


def committed() -> int:
    """Return the position after the last commit of this request or thread; 0 if it wrote nothing.

    One query after each commit, none when asked again, none without replicas. Inside a
    transaction it is the position of the commit before.
    """
    work = current.work()
    if not settings.REPLICAS:
        return 0
    connection = connections[PRIMARY]
    if work.position_unknown and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_NOW)
            work.committed = int(cursor.fetchone()[0])
        work.position_unknown = False
    return work.committed


def needed_by(person: int) -> int:
    """Return how far a replica must be for ``person`` to see all they have to. No query."""
    everybody = _table.get(EVERYBODY)
    return max(everybody, _table.get(person)) if person else everybody


def remember(person: int, position: int) -> None:
    """Let the coming requests of ``person`` read from servers past ``position``."""
    _table.raise_to(person, position)
