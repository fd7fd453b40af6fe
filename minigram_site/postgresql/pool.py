"""A pool of connections that costs nothing while all is well and notices at once when it is not."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from minigram_site import current

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# While the server is lost one request at a time waits this long for it; all others fail at once.
PROBE_SECONDS = 0.5
# Reads that other servers can answer as well wait no longer than this for one of them.
READ_SECONDS = 0.3
# How often a wait looks for signals; the value that psycopg uses.
INTERVAL = 0.1


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer only so long, then gives itself up.

    The server's own ``statement_timeout`` ends what takes too long, but not the wait for a server
    that is frozen or cut off.
    """

    patience: ClassVar[float | None] = None
    last_error: ClassVar[str] = ""

    @classmethod
    def within(cls, seconds: float | None) -> type[PatientConnection]:
        """Return the class of connections that wait for ``seconds``."""
        return type(cls.__name__, (cls,), {"patience": seconds})

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        """Connect; keep the reason of a failure, which the pool does not hand on."""
        try:
            return super().connect(*args, **kwargs)
        except psycopg.Error as error:
            cls.last_error = " ".join(str(error).split())
            raise

    def wait(
        self, gen: PQGen[Result], interval: float = INTERVAL, timeout: float | None = None
    ) -> Result:
        """Wait for what ``gen`` waits for; ``OperationalError`` when patience is over."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError(
                f"The database has not answered within {timeout or self.patience:g} s."
            ) from None


class Pool(ConnectionPool[PatientConnection]):
    """psycopg's pool, which fails fast while the server is lost and tells of it once."""

    def __init__(self, *, configure: Callable[[Any], Any], **options: Any) -> None:
        """Make a pool that is not open yet."""
        self._lost = False
        self._probing = threading.Lock()
        self._configure_new = configure
        super().__init__(configure=self._came_about, reconnect_failed=_lose, **options)

    def getconn(self, timeout: float | None = None) -> PatientConnection:
        """Return a connection; ``PoolTimeout`` if there is none in time."""
        if not self._lost:
            return super().getconn(READ_SECONDS if current.work().may_read else timeout)
        if not self._probing.acquire(blocking=False):
            raise PoolTimeout(f"The database does not answer: {self.connection_class.last_error}")
        try:
            return super().getconn(PROBE_SECONDS)
        finally:
            self._probing.release()

    def putconn(self, conn: PatientConnection) -> None:
        """Take a connection back; a working one proves that the server is there."""
        if self._lost and conn.pgconn.transaction_status == TransactionStatus.IDLE:
            self.find()
        super().putconn(conn)

    def lose(self) -> None:
        """Note that no connection could be made for a while."""
        if not self._lost:
            self._lost = True
            reason = self.connection_class.last_error
            logger.error("The database %r does not answer: %s", self.name, reason)

    def find(self) -> None:
        """Note that the server is there."""
        if self._lost:
            self._lost = False
            logger.warning("The database %r answers again.", self.name)

    def _came_about(self, connection: PatientConnection) -> None:
        self._configure_new(connection)
        self.find()


def check(connection: PatientConnection) -> None:
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


def _lose(pool: ConnectionPool[Any]) -> None:
    cast(Pool, pool).lose()
