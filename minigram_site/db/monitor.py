"""Observes the servers of the database beside the requests, which therefore need not ask.

One thread for each server observes it four times a second over a connection of its own, so that
a server that cannot be reached delays neither requests nor the observation of the others. The
threads start with the first request of a process, never in commands. What they find is judged by
``minigram_site.db.replica_set``.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from minigram_site.db import lsn_mmap
from minigram_site.db.lsn_mmap import NEWEST
from minigram_site.db.postgresql.connection import TimeoutConnection, connection_parameters
from minigram_site.db.replica_set import MAX_LAG_BYTES, ReplicaSet
from minigram_site.db.wal import Observation, observe

POLL_SECONDS = 0.25
# libpq waits two seconds at the least. The other limits find out that a machine is gone.
_CONNECTION_LIMITS = {
    "connect_timeout": 2,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 2000,
    "application_name": "minigram monitor",
    # A server that takes longer counts as one that does not answer.
    "options": "-c statement_timeout=1000",
}

logger = logging.getLogger(__name__)


class _MonitorConnection(TimeoutConnection):
    """A connection that gives up on a frozen server, whose ``statement_timeout`` ends nothing."""

    read_timeout = 2.0


class Monitor:
    """The threads of one process, and the replica set as they have observed it."""

    def __init__(self) -> None:
        """Start without threads."""
        self.replica_set = ReplicaSet(settings.REPLICAS)
        self._threads: list[threading.Thread] = []
        self._wake = {alias: threading.Event() for alias in self.replica_set.servers}
        self._start_lock = threading.Lock()
        self._probe_lock = threading.Lock()
        # When the last probe began.
        self._probed_at = float("-inf")
        # The newest LSN that was acknowledged when the primary was last asked in vain.
        self._missed_lsn = -1

    def start(self) -> None:
        """Start the threads if they do not run. Costs nothing when they do."""
        if self._threads:
            return
        with self._start_lock:
            if self._threads:
                return
            self._threads = [
                threading.Thread(
                    target=self._poll, args=[alias], name=f"monitor {alias}", daemon=True
                )
                for alias in self.replica_set.servers
            ]
            for thread in self._threads:
                thread.start()

    def report_failure(self, alias: str, reason: str) -> None:
        """Take in that a request met a server that does not answer; a primary is observed now."""
        if alias == DEFAULT_DB_ALIAS:
            # One broken connection does not prove that the primary is down.
            self._wake[alias].set()
        elif self.replica_set.servers[alias].is_online:
            logger.warning("%s is left out: %s", alias, reason.strip())
            self.replica_set.record_failure(alias, reason, at_once=True)

    def probe_primary(self) -> bool:
        """Connect to the primary now and return whether it is up, for requests that it failed.

        Threads that call while one runs share the next. A probe takes seconds at the most.
        """
        called_at = time.monotonic()
        with self._probe_lock:
            if self._probed_at < called_at:
                self._probed_at = time.monotonic()
                newest = lsn_mmap.local_table.get(NEWEST)
                try:
                    with _connect(DEFAULT_DB_ALIAS) as connection:
                        self._observe(DEFAULT_DB_ALIAS, connection)
                    _close_breaker(DEFAULT_DB_ALIAS)
                except psycopg.Error as error:
                    self.replica_set.record_failure(DEFAULT_DB_ALIAS, str(error), at_once=True)
                self._note_miss(newest)
        return not self.replica_set.primary_is_down(time.monotonic())

    def primary_has_returned(self, newest: int) -> bool:
        """Return whether a primary that seems to be down is up, by what was acknowledged.

        ``newest`` is the newest LSN that was. One that was not there when the primary was last
        asked in vain comes from a primary that works again: it is probed. Else it costs nothing.
        """
        return newest > self._missed_lsn and self.probe_primary()

    def _poll(self, alias: str) -> None:
        """Observe one server until the process ends."""
        connection: psycopg.Connection[Any] | None = None
        while True:
            was_online = self.replica_set.servers[alias].is_online
            newest = lsn_mmap.local_table.get(NEWEST) if alias == DEFAULT_DB_ALIAS else 0
            try:
                if connection is None or connection.closed:
                    connection = _connect(alias)
                    _close_breaker(alias)
                if self._observe(alias, connection).is_replica and alias == DEFAULT_DB_ALIAS:
                    # It was the primary. Of several hosts another one is by now.
                    connection.close()
            except psycopg.Error as error:
                self.replica_set.record_failure(alias, str(error))
                if connection is not None:
                    connection.close()
                connection = None
            if alias == DEFAULT_DB_ALIAS:
                self._note_miss(newest)
            self._log_change(alias, was_online=was_online)
            self._wake[alias].wait(POLL_SECONDS)
            self._wake[alias].clear()

    def _observe(self, alias: str, connection: psycopg.Connection[Any]) -> Observation:
        observation = observe(connection)
        self.replica_set.record(alias, observation, time.monotonic())
        return observation

    def _note_miss(self, newest: int) -> None:
        """Note what had been acknowledged before the primary was asked, if that was in vain."""
        if self.replica_set.primary_is_down(time.monotonic()):
            self._missed_lsn = newest

    def _log_change(self, alias: str, *, was_online: bool) -> None:
        server = self.replica_set.servers[alias]
        if was_online and not server.is_online:
            logger.warning("%s is left out: %s", alias, server.reason.strip())
        elif server.is_online and not was_online:
            logger.info("%s is used", alias)


_monitor: Monitor | None = None
_monitor_lock = threading.Lock()


def get_monitor() -> Monitor:
    """Return this process's monitor; it observes only once it is started."""
    global _monitor  # noqa: PLW0603 - one for each process
    if _monitor is None:
        with _monitor_lock:
            _monitor = _monitor or Monitor()
    return _monitor


def report_failure(alias: str, reason: str) -> None:
    """Take in that a statement or a connection has failed. No query."""
    if settings.REPLICAS and _monitor is not None:
        _monitor.report_failure(alias, reason)


def replayed_by_all() -> int:
    """Return an LSN that all available replicas have replayed; 0 if none is known. No query."""
    return 0 if _monitor is None else _monitor.replica_set.replayed_by_all(time.monotonic())


def upper_bound_lsn(newest: int) -> int:
    """Return an LSN above all that was written so far, which replicas will reach in time.

    For a primary that was lost between a commit and the question for its LSN. ``newest`` is the
    newest LSN that was acknowledged, for a process that does not observe the primary. No query.
    """
    return (get_monitor().replica_set.primary.lsn or newest) + MAX_LAG_BYTES


def has_replica() -> bool:
    """Return whether a replica could answer reads by what is known. No query."""
    return _monitor is not None and bool(_monitor.replica_set.most_advanced(time.monotonic()))


def _reset_after_fork() -> None:
    """Start without a monitor in a forked process, which has none of its parent's threads."""
    global _monitor, _monitor_lock
    _monitor, _monitor_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_reset_after_fork)


def _connect(alias: str) -> psycopg.Connection[Any]:
    parameters = connection_parameters(connections.settings[alias])
    connection: _MonitorConnection = _MonitorConnection.connect(
        **{**parameters, **_CONNECTION_LIMITS}, autocommit=True
    )
    return connection


def _close_breaker(alias: str) -> None:
    """Close the circuit breaker of this process's pool: the server has accepted a connection.

    An open breaker lets a single request try and refuses all others until that one is done: also
    those that only read, and come to this server because it is known to be up again.
    """
    pool = getattr(connections[alias], "pool", None)
    if pool is not None and pool.breaker_is_open:
        pool.close_breaker()
