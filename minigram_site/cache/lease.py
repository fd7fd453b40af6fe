"""Whether the cache may be believed: one row in the database, and a lease on it in each process.

A change that could not be told to Redis must not be answered by what Redis still holds. The row
``accounts_cachetrust`` says whether Redis is trusted, and each process reads it twice a second,
beside its requests. What it read counts for ``LEASE`` seconds; without a valid lease a process
neither believes nor fills the cache. So whoever sets the row to off and waits for ``LEASE`` knows
that nobody uses the cache any more.

- off: readers go to the database, writers say nothing to Redis. A process whose Redis is well and
  that has seen this for a whole ``LEASE`` moves on to
- warming, with a new generation of keys: readers go to the database, writers tell Redis. Seen for
  ``WARM``, which is longer than a lease, it becomes
- on: readers use and writer the cache, writers tell Redis. It ends, with off, when a writer could
  not tell Redis, or when another run of Redis stands at its address.

Nobody fills a generation before it is on, and by then no process holds a lease that says off:
hence every change is either told to that generation or was committed before its first writer. The
row's ``floor`` is the position in PostgreSQL's log when it went on: a replica must have replayed
that much to writer it. Time is measured by each process alone (``time.monotonic``); no clocks are
compared.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from minigram_site.redis import client
from minigram_site.redis.client import Unreachable

logger = logging.getLogger(__name__)

OFF, WARMING, ON = "off", "warming", "on"
RENEW_SECONDS = 0.5
LEASE_SECONDS = 2.0
WARMING_SECONDS = 3.0

_READ = "SELECT generation, state, run, floor FROM accounts_cachetrust WHERE id = 1"
_BEGIN = (
    "INSERT INTO accounts_cachetrust (id, generation, state, run, floor) "
    "VALUES (1, '', 'off', '', 0) ON CONFLICT DO NOTHING"
)
_MOVE = (
    "UPDATE accounts_cachetrust SET generation = %s, state = %s, run = %s, floor = %s "
    "WHERE id = 1 AND generation = %s AND state = %s"
)
_OFF = "UPDATE accounts_cachetrust SET state = 'off' WHERE id = 1 AND state <> 'off'"
# Inside a transaction nobody waits for the row, or two of them could wait for each other.
_OFF_UNLESS_LOCKED = {
    "postgresql": (
        "UPDATE accounts_cachetrust SET state = 'off' WHERE id IN (SELECT id FROM "
        "accounts_cachetrust WHERE id = 1 AND state <> 'off' FOR UPDATE SKIP LOCKED)"
    ),
}


@dataclass(frozen=True, slots=True)
class Lease:
    """What the row said, and when this process asked."""

    generation: str
    state: str
    run: str
    floor: int
    # Before the question was sent, and since when this process has seen the same.
    taken: float
    since: float
    # Where the primary's log was, and what Redis' clock said before that.
    position: int = 0
    redis_time: int = 0

    def is_valid(self) -> bool:
        """Tell whether it still counts."""
        return time.monotonic() < self.taken + LEASE_SECONDS

    def is_usable(self) -> bool:
        """Tell whether readers may use and writer the cache."""
        return self.state == ON and self.run == client.run_id() and self.is_valid()


class _Watch:
    """The latest reading of this process, and the thread that renews it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reading: Lease | None = None
        self.thread: threading.Thread | None = None
        self.stopped = threading.Event()
        # A change that nobody could be told of, because the database was gone as well.
        self.owes = False
        # When this process last set the row to off.
        self.withdrawn = float("-inf")


_watch = _Watch()


def current_lease() -> Lease | None:
    """Return this process's lease if the cache may be used now, else ``None``. No query."""
    if not client.is_configured():
        return None
    reading = _watch.reading
    if reading is None:
        _start()
        return None
    return reading if reading.is_usable() and not client.breaker_is_open() else None


def for_write() -> Lease:
    """Return a valid reading of whatever state; one query where this process has none yet."""
    _start()
    reading = _watch.reading
    if reading is not None and reading.is_valid():
        return reading
    return _read(None)


def revoke() -> bool:
    """Set the row to off in the current transaction, so that it holds as soon as that does.

    Tells whether it was on. For changes of which Redis cannot be told one by one; call
    ``wait_out`` after the commit. One statement, which waits for nobody.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(_OFF_UNLESS_LOCKED.get(connection.vendor, _OFF))
        return bool(cursor.rowcount)


def revoke_and_wait() -> None:
    """Set the row to off after a commit, and return when no process believes the cache."""
    fresh = time.monotonic() - _watch.withdrawn > LEASE_SECONDS + WARMING_SECONDS
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_OFF)
    except (DatabaseError, InterfaceError):
        # Without the database nobody renews a lease; the watch sets it off when it is back.
        _watch.owes = True
        logger.exception("The cache could not be switched off.")
    if fresh:
        _watch.withdrawn = time.monotonic()
    # It cannot have been on again since: that takes longer.
    time.sleep(max(0.0, _watch.withdrawn + LEASE_SECONDS - time.monotonic()))


def wait_until_expired(reading: Lease) -> None:
    """Return when no process believes the cache; ``reading`` says that it is off."""
    time.sleep(max(0.0, reading.since + LEASE_SECONDS - time.monotonic()))


def stop() -> None:
    """End the thread and forget what it knew."""
    thread = _watch.thread
    _watch.stopped.set()
    if thread is not None:
        thread.join()
    _forget()


def _start() -> None:
    if _watch.thread is not None:
        return
    with _watch.lock:
        if _watch.thread is None:
            _watch.thread = threading.Thread(target=_run, args=(_watch,), daemon=True)
            _watch.thread.name = "cache-trust"
            _watch.thread.start()


def _forget() -> None:
    global _watch  # noqa: PLW0603 - a forked process has no thread and begins anew
    _watch = _Watch()
    client.reset()


os.register_at_fork(after_in_child=_forget)


def _run(watch: _Watch) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    pooled = getattr(connection, "pool", None) is not None
    while not watch.stopped.wait(0 if watch.reading is None else RENEW_SECONDS):
        try:
            renew(watch)
        except Exception as error:  # noqa: BLE001 - the thread must live; nothing is believed meanwhile
            # The lease runs out by itself.
            logger.debug("The state of the cache cannot be read: %s", error)
            with contextlib.suppress(DatabaseError, InterfaceError):
                connection.close()
            watch.stopped.wait(RENEW_SECONDS)
        else:
            if pooled:
                connection.close()
    connection.close()


def renew(watch: _Watch) -> None:
    """Read the row, look after Redis, and move the state on. Two or three statements."""
    try:
        redis_time = client.probe()
    except Unreachable:
        redis_time = 0
    if watch.owes:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_OFF)
        watch.owes = False
    reading = _read(watch.reading, redis_time)
    watch.reading = reading
    if redis_time:
        _advance(reading)


def _read(former: Lease | None, redis_time: int = 0) -> Lease:
    """Return what the row says now; without a row, nothing is trusted."""
    taken = time.monotonic()
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_READ)
        generation, state, run, floor = cursor.fetchone() or ("", OFF, "", 0)
        position = _position(cursor)
    since = time.monotonic()
    if former is not None and (former.generation, former.state) == (generation, state):
        since = former.since
    return Lease(generation, state, run, floor, taken, since, position, redis_time)


def _position(cursor: Any) -> int:
    """Return where the primary's log is; 0 without replicas."""
    if not settings.REPLICAS:
        return 0
    cursor.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
    return int(cursor.fetchone()[0])


def _advance(seen: Lease) -> None:
    """Move from off to warming and on once that was seen for long enough; off for another Redis."""
    run, age = client.run_id(), time.monotonic() - seen.since
    if seen.state == OFF and age > LEASE_SECONDS:
        _move(seen, secrets.token_hex(4), WARMING, run)
    elif seen.state != OFF and seen.run != run:
        _move(seen, seen.generation, OFF, "")
    elif seen.state == WARMING and age > WARMING_SECONDS:
        _move(seen, seen.generation, ON, run)


def _move(seen: Lease, generation: str, state: str, run: str) -> None:
    with transaction.atomic(DEFAULT_DB_ALIAS), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_BEGIN)
        floor = _position(cursor)
        cursor.execute(_MOVE, [generation, state, run, floor, seen.generation, seen.state])
        if cursor.rowcount:
            logger.info("The cache is %s (generation %s).", state, generation)
