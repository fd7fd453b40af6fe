"""The state of the cache, the same for all processes of a site: one row in the database.

- off: readers use the database alone, verbs tell Redis of no change.
- warming, with a new generation of keys: readers use the database alone, verbs tell Redis.
- on: readers use and fill the cache, verbs tell Redis.

``minigram_site.cache.lease`` says when a process moves the row from one state to the next. The
SQL stands here because the apps' face imports this module before Django has loaded any model.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction

OFF, WARMING, ON = STATES = ("off", "warming", "on")
TABLE = "minigram_cache_state"

logger = logging.getLogger(__name__)

# Only the name of the table is put into the texts; all values are parameters.
_READ = "SELECT state, generation, run_id, floor_lsn FROM {table} WHERE id = 1"
_CREATE = (
    "INSERT INTO {table} (id, state, generation, run_id, floor_lsn) "
    "VALUES (1, 'off', '', '', 0) ON CONFLICT DO NOTHING"
)
_MOVE = (
    "UPDATE {table} SET state = %s, generation = %s, run_id = %s, floor_lsn = %s "
    "WHERE id = 1 AND state = %s AND generation = %s"
)
_SWITCH_OFF = "UPDATE {table} SET state = 'off' WHERE id = 1 AND state <> 'off'"
_SWITCH_OFF_UNLESS_LOCKED = (
    "UPDATE {table} SET state = 'off' WHERE id IN "
    "(SELECT id FROM {table} WHERE id = 1 AND state <> 'off' FOR UPDATE SKIP LOCKED)"
)


@dataclass(frozen=True, slots=True)
class CacheRow:
    """What the row holds."""

    state: str = OFF
    # Part of every key in Redis.
    generation: str = ""
    # Redis' ``run_id``: the run of the server that holds this generation.
    run_id: str = ""
    # Bytes of PostgreSQL's log that a replica must have replayed to fill this generation.
    floor_lsn: int = 0


def read_row() -> CacheRow:
    """Return the row; where there is none yet, the cache is off.

    One statement on the primary. Raises Django's ``DatabaseError`` or ``InterfaceError``.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_READ.format(table=TABLE))
        row = cursor.fetchone()
    return CacheRow(*row) if row else CacheRow()


def switch_off() -> bool:
    """Set the row to off, outside of transactions; tell whether it was another state.

    One statement, which waits for a lock on the row. Raises Django's ``DatabaseError`` or
    ``InterfaceError``.
    """
    return _execute(_SWITCH_OFF)


def switch_off_in_transaction() -> bool:
    """Set the row to off in the current transaction; tell whether it was another state.

    A row that is locked is left alone: two transactions that wait for each other's locks would
    be a deadlock. One statement. Raises Django's ``DatabaseError`` or ``InterfaceError``.
    """
    can_skip = connections[DEFAULT_DB_ALIAS].features.has_select_for_update_skip_locked
    return _execute(_SWITCH_OFF_UNLESS_LOCKED if can_skip else _SWITCH_OFF)


def move(seen: CacheRow, *, state: str, generation: str, run_id: str, floor_lsn: int) -> None:
    """Give the row these values unless another process has moved it since it was ``seen``.

    Two statements in one transaction. Raises Django's ``DatabaseError`` or ``InterfaceError``.
    """
    with transaction.atomic(DEFAULT_DB_ALIAS):
        _execute(_CREATE)
        moved = _execute(_MOVE, state, generation, run_id, floor_lsn, seen.state, seen.generation)
    if moved:
        logger.info("The cache is %s (generation %s).", state, generation)


def _execute(sql: str, *parameters: str | int) -> bool:
    """Execute a statement on the primary, and tell whether it has changed the row."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql.format(table=TABLE), parameters)
        return bool(cursor.rowcount > 0)
