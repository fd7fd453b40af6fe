"""Watches the servers of the database beside the requests, which then ask nobody.

One thread for each server looks at it four times a second over a connection of its own, so that
a server that cannot be reached delays neither requests nor looks at the others. The threads
start with the first request of a process, never in commands. What they find is judged by
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

from minigram_site.db.postgresql.connection import TimeoutConnection
from minigram_site.db.replica_set import MAX_LAG_BYTES, Observation, ReplicaSet

LOOK_EVERY = 0.25
_LOOK = """
SELECT pg_is_in_recovery(),
       ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
              ELSE pg_current_wal_insert_lsn() END) - '0/0')::bigint,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8
"""
# libpq waits two seconds at the least. The rest finds out that a machine is gone.
_LIMITS = {
    "connect_timeout": 2,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 2000,
    "application_name": "minigram watch",
    # That it takes longer is an answer, too.
    "options": "-c statement_timeout=1000",
}
_ADDRESS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}

logger = logging.getLogger(__name__)


class _Looking(TimeoutConnection):
    """A connection that gives up on a server that has frozen, which no limit of its own ends."""

    patience = 2.0


class Monitor:
    """The threads of one process and what they know."""

    def __init__(self) -> None:
        """Start without threads."""
        self.standing = ReplicaSet(settings.REPLICAS)
        self._threads: list[threading.Thread] = []
        self._wake = {alias: threading.Event() for alias in self.standing.servers}
        self._start = threading.Lock()
        self._probe = threading.Lock()
        self._probed = float("-inf")

    def start(self) -> None:
        """Start the threads if they do not run. Costs nothing when they do."""
        if self._threads:
            return
        with self._start:
            if self._threads:
                return
            self._threads = [
                threading.Thread(
                    target=self._follow, args=[alias], name=f"watch {alias}", daemon=True
                )
                for alias in self.standing.servers
            ]
            for thread in self._threads:
                thread.start()

    def failed(self, alias: str, note: str) -> None:
        """Take in that a request met a server that does not answer, and look at it now."""
        if alias == DEFAULT_DB_ALIAS:
            # One broken connection is not a primary that is gone.
            self._wake[alias].set()
        elif self.standing.servers[alias].up:
            logger.warning("%s is left out: %s", alias, note.strip())
            self.standing.failed(alias, note, at_once=True)

    def primary_is_gone(self) -> bool:
        """Look at the primary now and tell whether it is gone, for requests that it failed.

        However many ask at once, one looks.
        """
        asked = time.monotonic()
        with self._probe:
            if self._probed < asked:
                try:
                    with _connect(DEFAULT_DB_ALIAS) as connection:
                        self.standing.report(DEFAULT_DB_ALIAS, _look(connection), time.monotonic())
                    _tell_pool(DEFAULT_DB_ALIAS)
                except psycopg.Error as error:
                    self.standing.failed(DEFAULT_DB_ALIAS, str(error), at_once=True)
                self._probed = time.monotonic()
        return self.standing.primary_is_gone(time.monotonic())

    def _follow(self, alias: str) -> None:
        """Look at one server until the process ends."""
        connection: psycopg.Connection[Any] | None = None
        while True:
            before = self.standing.servers[alias].up
            try:
                if connection is None or connection.closed:
                    connection = _connect(alias)
                    _tell_pool(alias)
                self.standing.report(alias, _look(connection), time.monotonic())
            except psycopg.Error as error:
                self.standing.failed(alias, str(error))
                if connection is not None:
                    connection.close()
                connection = None
            self._tell(alias, before=before)
            self._wake[alias].wait(LOOK_EVERY)
            self._wake[alias].clear()

    def _tell(self, alias: str, *, before: bool) -> None:
        server = self.standing.servers[alias]
        if before and not server.up:
            logger.warning("%s is left out: %s", alias, server.note.strip())
        elif server.up and not before:
            logger.info("%s is used", alias)


_watch: Monitor | None = None
_making = threading.Lock()


def get_monitor() -> Monitor:
    """Return this process's watch; it looks only once it is started."""
    global _watch  # noqa: PLW0603 - one for each process
    if _watch is None:
        with _making:
            _watch = _watch or Monitor()
    return _watch


def report_failure(alias: str, note: str) -> None:
    """Take in that a statement or a connection has failed. No query."""
    if settings.REPLICAS and _watch is not None:
        _watch.failed(alias, note)


def replayed_by_all() -> int:
    """Return a position that all replicas in use have replayed; 0 if not known. No query."""
    return _watch.standing.settled(time.monotonic()) if _watch is not None else 0


def upper_bound() -> int:
    """Return a position that no replica has reached and all will: what was just written is before.

    For a primary that was lost between a commit and the question for its position.
    """
    return get_monitor().standing.servers[DEFAULT_DB_ALIAS].position + MAX_LAG_BYTES


def has_replica() -> bool:
    """Tell whether a replica could answer reads by what is known. No query."""
    return _watch is not None and bool(_watch.standing.furthest(time.monotonic()))


def _forget() -> None:
    """Threads do not come along when a process is forked."""
    global _watch, _making
    _watch, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


def _connect(alias: str) -> psycopg.Connection[Any]:
    given = connections.settings[alias]
    address = {name: given[key] for name, key in _ADDRESS.items() if given[key]}
    kept = {
        name: value
        for name, value in given["OPTIONS"].items()
        if name == "host" or name.startswith("ssl")
    }
    connection: _Looking = _Looking.connect(**{**address, **kept, **_LIMITS}, autocommit=True)
    return connection


def _tell_pool(alias: str) -> None:
    """Let the pool of this process know that the server has just accepted a connection.

    Else it would let one request after the other try, and refuse all others meanwhile: also those
    that only read, and are sent to this server because it is known to be back.
    """
    pool = getattr(connections[alias], "pool", None)
    if pool is not None and pool.is_lost:
        pool.find()


def _look(connection: psycopg.Connection[Any]) -> Observation:
    row = connection.execute(_LOOK, prepare=True).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Observation(is_replica=row[0], position=row[1] or 0, age=row[2])
