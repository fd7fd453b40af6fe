"""A pool of connections with a circuit breaker.

It costs nothing while the server answers, and the loss and the return of the server are noticed
at once.
"""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from minigram_site.db.context import current_context
from minigram_site.db.postgresql import prepared
from minigram_site.db.postgresql.connection import TimeoutConnection

logger = logging.getLogger(__name__)

# While the breaker is open one request at a time probes the server for so long; all others fail
# at once.
PROBE_SECONDS = 0.5
# A connection that came back in order keeps the breaker closed for so long, even if the server
# accepts no further one: it has a limit of connections.
SUCCESS_TTL_SECONDS = 1.0
# Reads that another server can answer as well wait no longer than this for a connection.
REPLICA_READ_SECONDS = 0.3


class Pool(ConnectionPool[TimeoutConnection]):
    """psycopg's pool, which fails fast while the server is lost and logs that once.

    The breaker opens when a connection cannot be made, and closes when one is made or comes back
    in order.
    """

    def __init__(
        self,
        *,
        configure: Callable[[Any], Any],
        read_timeout: float | None = None,
        **options: Any,
    ) -> None:
        """Make a pool that is not open yet.

        ``configure`` is called with each new connection, ``read_timeout`` is the seconds that an
        answer may take, ``options`` are those of psycopg's pool.
        """
        # Why the breaker is open; empty while it is closed.
        self._open_reason = ""
        # When a prepared statement was last found not to fit: what is older is deallocated.
        self.outgrown_at = 0.0
        self._succeeded_at = -SUCCESS_TTL_SECONDS
        self._probe_lock, self._breaker_lock = threading.Lock(), threading.Lock()
        self._configure_connection = configure
        attributes = {"read_timeout": read_timeout, "on_connect_failure": self.open_breaker}
        super().__init__(
            configure=self._configure_new,
            connection_class=type("PoolConnection", (TimeoutConnection,), attributes),
            check=check_idle,
            **options,
        )

    def getconn(self, timeout: float | None = None) -> TimeoutConnection:
        """Return a connection within ``timeout`` seconds, by default those of the pool.

        Raises ``PoolTimeout`` if there is none, and long before that once the breaker opens.
        """
        if self.breaker_is_open:
            return self._probe()
        if timeout is None:
            only_reads = current_context().may_use_replica
            timeout = REPLICA_READ_SECONDS if only_reads else self.timeout
        deadline = monotonic() + timeout
        while True:
            left = deadline - monotonic()
            try:
                return super().getconn(min(left, PROBE_SECONDS))
            except PoolTimeout:
                if self.breaker_is_open or left <= PROBE_SECONDS:
                    raise

    def putconn(self, conn: TimeoutConnection) -> None:
        """Take a connection back; one in order closes the breaker."""
        if conn.pgconn.transaction_status == TransactionStatus.IDLE:
            self.close_breaker()
        super().putconn(conn)

    def _get_ready_connection(self, timeout: float | None) -> TimeoutConnection | None:
        """Return the connection that came back last, ``None`` if there is none; in the lock.

        psycopg takes the one that rests longest, so that all of a pool are used in turn: each is a
        process of PostgreSQL with plans and a catalogue of its own, which the CPU's caches have
        lost by then.
        """
        self._pool.rotate(1)
        return super()._get_ready_connection(timeout)

    def outgrow_prepared(self) -> None:
        """Let each connection throw away what it has prepared so far before it is used again."""
        self.outgrown_at = monotonic()

    @property
    def breaker_is_open(self) -> bool:
        """Whether the server is known not to answer, so that requests fail at once."""
        return bool(self._open_reason)

    def open_breaker(self, reason: str) -> None:
        """Open the breaker as a connection could not be made, unless another has just worked."""
        if monotonic() - self._succeeded_at < SUCCESS_TTL_SECONDS:
            return
        with self._breaker_lock:
            was_open, self._open_reason = self._open_reason, reason
        if not was_open:
            logger.error("The database %r does not answer: %s", self.name, reason)

    def close_breaker(self) -> None:
        """Close the breaker: the server answers."""
        self._succeeded_at = monotonic()
        if self._open_reason:
            with self._breaker_lock:
                was_open, self._open_reason = self._open_reason, ""
            if was_open:
                logger.warning("The database %r answers again.", self.name)

    def _probe(self) -> TimeoutConnection:
        """Try the server although the breaker is open, in one thread at a time."""
        if not self._probe_lock.acquire(blocking=False):
            raise PoolTimeout(f"The database does not answer: {self._open_reason}")
        try:
            return super().getconn(PROBE_SECONDS)
        finally:
            self._probe_lock.release()

    def _configure_new(self, connection: TimeoutConnection) -> None:
        self._configure_connection(connection)
        self.close_breaker()


def check_idle(connection: TimeoutConnection) -> None:
    """Check an idle connection, without a round trip while nothing speaks against it.

    A server that stops, and a connection that breaks, leave something to read on the socket: the
    last message or the end of file. Only then the server is asked, and all other idle connections
    are checked as well, which are probably broken too. What was prepared before a migration is
    thrown away. Raises ``psycopg.Error`` if the connection does not work.
    """
    pool = cast(Pool, connection._pool)
    if connection.closed or _is_readable(connection.fileno()):
        try:
            Pool.check_connection(connection)
        except psycopg.Error:
            pool.check()
            raise
    if connection.deallocated_at < pool.outgrown_at:
        connection.deallocated_at = monotonic()
        prepared.deallocate(connection)


def _is_readable(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
