"""The lease: for how long a process may act on what it knows of the cache's state.

A change that Redis could not be told of must not be answered by what Redis still holds. So one
row in the database says whether the site uses the cache (``minigram_site.cache.state``). Each
process reads it twice a second, beside its requests; what it read is a lease of
``LEASE_SECONDS``, and without a valid lease a process neither uses nor fills the cache. Hence a
process that sets the row to off and waits for ``LEASE_SECONDS`` knows that no other uses the
cache any more (C. Gray and D. Cheriton, "Leases", SOSP 1989).

The row moves
- from off to warming, with a new generation of keys, once a process whose Redis is well has seen
  off for longer than a lease;
- from warming to on, once a process has seen warming for ``WARMING_SECONDS``, which is longer
  than a lease;
- to off when a verb could not tell Redis of a change, or when another run of Redis stands at its
  address.

Nobody fills a generation before it is on, and by then no process holds a lease that says off:
every change is either told to that generation or was committed before its first entry. The row's
``floor_lsn`` is where PostgreSQL's log was when it went on: a replica must have replayed that
much to fill the cache. Each process measures time by its own ``time.monotonic``; clocks of two
processes are never compared.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from minigram_site.cache import state
from minigram_site.cache.state import OFF, ON, WARMING, CacheRow
from minigram_site.db.wal import current_wal_lsn
from minigram_site.redis import agreement, client
from minigram_site.redis.agreement import Agreement
from minigram_site.redis.client import Unreachable

logger = logging.getLogger(__name__)

RENEW_SECONDS = 0.5
LEASE_SECONDS = 2.0
WARMING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Lease:
    """What the row held, and when this process asked. Times are of ``time.monotonic``."""

    row: CacheRow
    # Before the row was asked for, and since when this process has seen the row unchanged.
    taken_at: float
    unchanged_since: float
    # Where the primary's log was (0 without replicas), and the clock of Redis before that, in
    # milliseconds since 1970 (0 where it did not answer).
    wal_lsn: int = 0
    redis_time: int = 0

    @property
    def state(self) -> str:
        """The state of the cache: off, warming or on."""
        return self.row.state

    @property
    def generation(self) -> str:
        """The generation of keys, a part of each."""
        return self.row.generation

    def is_valid(self) -> bool:
        """Tell whether the lease has not run out."""
        return self.seconds_left() > 0

    def seconds_left(self) -> float:
        """Return for how many seconds the lease is valid; negative where it has run out."""
        return self.taken_at + LEASE_SECONDS - time.monotonic()

    def is_usable(self) -> bool:
        """Tell whether this process may use and fill the cache. No query, no round trip."""
        return self.row.state == ON and self.has_current_run() and self.is_valid()

    def has_current_run(self) -> bool:
        """Tell whether this process is connected to the run of Redis that the row names."""
        return self.row.run_id == client.run_id()


class LeaseRenewer:
    """The lease of this process, and the thread that renews it."""

    def __init__(self) -> None:
        """Begin without a lease; the thread starts at the first use of the cache."""
        self.lease: Lease | None = None
        # The row could not be set to off when it had to be: the database was gone as well.
        self.owes_switch_off = False
        # The generation that this process last saw switched off, and since when it knows that.
        self.off_generation: str | None = None
        self.off_since = float("-inf")
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start the thread unless it runs."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="cache-lease-renewer", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread, and return when it has ended."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def renew(self) -> None:
        """Probe Redis, read the row, and move it on when it is time. Two or three statements.

        Raises Django's ``DatabaseError`` or ``InterfaceError``.
        """
        try:
            redis_time = client.probe()
        except Unreachable:
            redis_time = 0
        if self.owes_switch_off:
            state.switch_off()
            self.owes_switch_off = False
        self.lease = lease = _take(self.lease, redis_time)
        agreement.note(_agreed(lease))
        if redis_time:
            _advance(lease)

    def _run(self) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        pooled = getattr(connection, "pool", None) is not None
        while not self._stopped.wait(0 if self.lease is None else RENEW_SECONDS):
            try:
                self.renew()
            except Exception as error:  # noqa: BLE001 - the thread must live; the lease runs out meanwhile
                logger.debug("The state of the cache cannot be read: %s", error)
                with contextlib.suppress(DatabaseError, InterfaceError):
                    connection.close()
                self._stopped.wait(RENEW_SECONDS)
            else:
                if pooled:
                    connection.close()
        connection.close()


_renewer = LeaseRenewer()


def current_lease() -> Lease | None:
    """Return this process's lease if it may use the cache now, else ``None``. No query.

    The first call of a process starts the thread that renews its lease.
    """
    if not client.is_configured():
        return None
    lease = _renewer.lease
    if lease is None:
        _renewer.start()
        return None
    return lease if lease.is_usable() and not client.breaker_is_open() else None


def lease_for_write() -> Lease:
    """Return a valid lease, whatever the state; one query where this process has none.

    Raises Django's ``DatabaseError`` or ``InterfaceError``.
    """
    _renewer.start()
    lease = _renewer.lease
    if lease is not None and lease.is_valid():
        return lease
    return _take(None)


def revoke() -> bool:
    """Switch the cache off in the current transaction, with its commit; tell whether it was on.

    For changes of which Redis cannot be told one by one; ``revoke_and_wait`` follows after the
    commit. One statement, which waits for no lock. Raises Django's ``DatabaseError`` or
    ``InterfaceError``.
    """
    return state.switch_off_in_transaction()


def revoke_and_wait() -> None:
    """Switch the cache off after a commit, and return when no process uses it any more.

    Two statements, and up to ``LEASE_SECONDS``. Raises nothing: while the database is gone no
    process renews its lease, and the renewer switches the cache off when it is back.
    """
    renewer = _renewer
    try:
        state.switch_off()
        generation = state.read_row().generation
    except (DatabaseError, InterfaceError):
        logger.exception("The cache could not be switched off.")
        # One outage counts as one generation that is off.
        if not renewer.owes_switch_off:
            renewer.off_generation = None
        generation = renewer.off_generation or secrets.token_hex(4)
        renewer.owes_switch_off = True
    # A generation that was switched off is never on again.
    if generation != renewer.off_generation:
        # In this order: another thread that finds the generation finds its time as well.
        renewer.off_since = time.monotonic()
        renewer.off_generation = generation
    _sleep_until(renewer.off_since + LEASE_SECONDS)


def wait_until_expired(lease: Lease) -> None:
    """Return when no process uses the cache any more; the state in ``lease`` is off."""
    _sleep_until(lease.unchanged_since + LEASE_SECONDS)


def stop() -> None:
    """End the renewer's thread, and forget its lease and what is known of Redis. For tests."""
    _renewer.stop()
    _reset()


def _reset() -> None:
    global _renewer  # noqa: PLW0603 - a forked process has no thread and takes its own lease
    _renewer = LeaseRenewer()
    agreement.note(agreement.NONE)
    client.reset()


os.register_at_fork(after_in_child=_reset)


def _take(former: Lease | None, redis_time: int = 0) -> Lease:
    """Return a lease taken now; ``former`` is the one before it. One query, two with replicas."""
    taken_at = time.monotonic()
    row = state.read_row()
    wal_lsn = current_wal_lsn()
    unchanged_since = time.monotonic()
    if former is not None and (former.generation, former.state) == (row.generation, row.state):
        unchanged_since = former.unchanged_since
    return Lease(row, taken_at, unchanged_since, wal_lsn, redis_time)


def _agreed(lease: Lease) -> Agreement:
    """Return what the modules below may know of a lease."""
    if lease.state == OFF:
        return agreement.NONE
    until = lease.taken_at + LEASE_SECONDS
    return Agreement(lease.generation, lease.row.run_id, is_on=lease.state == ON, until=until)


def _advance(lease: Lease) -> None:
    """Move the row on if it has been in its state for long enough; to off for another Redis."""
    run_id, seconds = client.run_id(), time.monotonic() - lease.unchanged_since
    generation = lease.generation
    if lease.state == OFF and seconds > LEASE_SECONDS:
        generation, next_state = secrets.token_hex(4), WARMING
    elif lease.state != OFF and not lease.has_current_run():
        next_state, run_id = OFF, ""
    elif lease.state == WARMING and seconds > WARMING_SECONDS:
        next_state = ON
    else:
        return
    floor_lsn = current_wal_lsn()
    state.move(
        lease.row, state=next_state, generation=generation, run_id=run_id, floor_lsn=floor_lsn
    )


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
