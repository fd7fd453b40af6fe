"""A pool of connections that costs nothing while all is well and notices at once when it is not."""

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

from minigram_site.db import context
from minigram_site.db.postgresql.connection import TimeoutConnection

logger = logging.getLogger(__name__)

# While the server is lost one request at a time waits this long for it; all others fail at once.
PROBE_SECONDS = 0.5
# A connection that came back in order proves for so long that the server is there, even if it
# gives no further one (it has limits).
PROOF_SECONDS = 1.0
# Reads that other servers can answer as well wait no longer than this for one of them.
READ_SECONDS = 0.3


class Pool(ConnectionPool[TimeoutConnection]):
    """psycopg's pool, which fails fast while the server is lost and tells of it once."""

    def __init__(
        self, *, configure: Callable[[Any], Any], patience: float | None = None, **options: Any
    ) -> None:
        """Make a pool that is not open yet."""
        self._lost = ""
        self._proved = -PROOF_SECONDS
        self._probing, self._telling = threading.Lock(), threading.Lock()
        self._configure_new = configure
        traits = {"patience": patience, "on_failure": self.lose}
        super().__init__(
            configure=self._came_about,
            connection_class=type("PatientConnection", (TimeoutConnection,), traits),
            check=check,
            **options,
        )

    def getconn(self, timeout: float | None = None) -> TimeoutConnection:
        """Return a connection; ``PoolTimeout``, soon if none is to come, if there is none."""
        if self._lost:
            return self._probe()
        if timeout is None:
            timeout = READ_SECONDS if context.current().may_read else self.timeout
        deadline = monotonic() + timeout
        while True:
            left = deadline - monotonic()
            try:
                return super().getconn(min(left, PROBE_SECONDS))
            except PoolTimeout:
                if self._lost or left <= PROBE_SECONDS:
                    raise

    def _probe(self) -> TimeoutConnection:
        if not self._probing.acquire(blocking=False):
            raise PoolTimeout(f"The database does not answer: {self._lost}")
        try:
            return super().getconn(PROBE_SECONDS)
        finally:
            self._probing.release()

    def putconn(self, conn: TimeoutConnection) -> None:
        """Take a connection back; a working one proves that the server is there."""
        if conn.pgconn.transaction_status == TransactionStatus.IDLE:
            self.find()
        super().putconn(conn)

    def lose(self, reason: str) -> None:
        """Note that a connection could not be made, and nothing else speaks for the server."""
        if monotonic() - self._proved < PROOF_SECONDS:
            return
        with self._telling:
            known, self._lost = self._lost, reason
        if not known:
            logger.error("The database %r does not answer: %s", self.name, reason)

    @property
    def is_lost(self) -> bool:
        """Whether the server is known not to answer, so that requests fail at once."""
        return bool(self._lost)

    def find(self) -> None:
        """Note that the server is there."""
        self._proved = monotonic()
        if self._lost:
            with self._telling:
                known, self._lost = self._lost, ""
            if known:
                logger.warning("The database %r answers again.", self.name)

    def _came_about(self, connection: TimeoutConnection) -> None:
        self._configure_new(connection)
        self.find()


def check(connection: TimeoutConnection) -> None:
    """Raise unless an idle connection still works. No round trip while nothing speaks against it.

    A server that stops, and a connection that breaks, leave something to read on the socket: the
    last message or the end of file. Only then the server is asked, and so are all others that
    are idle, which are probably broken too.
    """
    if not connection.closed and not _has_news(connection.fileno()):
        return
    pool = cast(Pool, connection._pool)
    try:
        Pool.check_connection(connection)
    except psycopg.Error:
        pool.check()
        raise


def _has_news(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
