"""Positions in PostgreSQL's write-ahead log: how a client gets to see its own writes.

A position is a number of bytes since the log began (``pg_lsn`` as a bigint). After a write the
position is handed to the client and remembered for its person; a replica may answer that client
once it has replayed the log up to there.
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from minigram_site.db import context
from minigram_site.db.lsn_mmap import EVERYBODY, LsnTable
from minigram_site.db.lsn_redis import UNKNOWN, shared_store

# What was inserted last by anybody: at or behind the end of a commit that has returned.
_NOW = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"

_table = LsnTable(settings.DATA_DIR / "run" / "positions")


def committed_lsn() -> int:
    """Return the position after the last commit of this request or thread; 0 if it wrote nothing.

    One query after each commit, none when asked again, none without replicas. Inside a
    transaction it is the position of the commit before.
    """
    work = context.current()
    if not settings.REPLICAS:
        return 0
    if work.position_unknown and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        work.committed = _now()
        work.position_unknown = False
    return work.committed


def required_for(person: int) -> int:
    """Return how far a replica must be for ``person`` to see all they have to; 0 is a visitor.

    No query; on a site of several machines one round trip to Redis.
    """
    needed = max(_table.get(EVERYBODY), _table.get(person) if person else 0)
    elsewhere = shared_store()
    if elsewhere is None:
        return needed
    try:
        return max(needed, elsewhere.needed_by(person, _now))
    except (DatabaseError, InterfaceError):
        return UNKNOWN


def record(person: int, position: int, *, settled: int = 0) -> None:
    """Let the coming requests of ``person`` read from servers past ``position``.

    ``settled`` is a position that every replica in use is past: older ones may be forgotten.
    """
    _table.raise_to(person, position)
    elsewhere = shared_store()
    if elsewhere is not None:
        elsewhere.remember(person, position, settled)


def require_after_commit(*people: int) -> None:
    """Let these people see what this transaction changes at their next read; nobody: everybody.

    For what somebody may see: blocks, privacy, suspensions, deletions. Without replicas it costs
    nothing, else one query after the commit.
    """
    if settings.REPLICAS:
        # The change stands, whatever happens to the primary now.
        transaction.on_commit(partial(_show, people or (EVERYBODY,)), robust=True)


def _show(people: tuple[int, ...]) -> None:
    position = committed_lsn()
    for person in people:
        record(person, position)


def _now() -> int:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_NOW)
        return int(cursor.fetchone()[0])
