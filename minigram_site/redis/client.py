"""The one client of Redis, with short time-outs and a circuit breaker: a dead Redis costs nothing.

Redis is used where ``CACHE_URL`` names one (Stage 5). It may be stopped, frozen, flushed or
answer errors at any moment. One failure opens the breaker of the process: every caller is refused
at once until a probe has found that Redis writes and answers again. The thread that renews the
lease on the cache probes twice a second, beside the requests; where no such thread runs, the
first caller after ``REST_SECONDS`` probes.

Commands go over one connection for each thread: redis-py's own ``execute_command`` costs as much
again as the command itself, and its pool asks the kernel about the socket before each use.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from typing import Any

import hiredis
from django.conf import settings
from django_redis import get_redis_connection
from redis.connection import ConnectionPool
from redis.exceptions import NoScriptError, RedisError
from redis.sentinel import MasterNotFoundError, SentinelConnectionPool

from minigram_site.redis.circuit_breaker import CLOSED, CircuitBreaker

# Longer than the lease's thread takes from one probe to the next: requests do not probe then.
REST_SECONDS = 1.0

Argument = str | bytes | float
# Its parts, or all of it as Redis' protocol has it.
Command = tuple[Argument, ...] | bytes

# What the site asks of Redis: to run scripts that write, read and tell the time.
_PROBE = """
redis.call('SET', KEYS[1], '1', 'PX', 10000)
redis.call('GET', KEYS[1])
return redis.call('TIME')
"""

logger = logging.getLogger(__name__)


class Unreachable(Exception):
    """Redis does not answer, or not as it should."""


class _Server:
    """What this process knows of its Redis."""

    def __init__(self) -> None:
        # Redis' ``run_id``: which run of which server the newest connection speaks to.
        self.run_id = ""
        self.breaker = CircuitBreaker(REST_SECONDS)
        # Connections of an earlier epoch are not used any more.
        self.epoch = 0
        # Scripts that the server has been sent, by their hashes.
        self.scripts: set[str] = set()


_server = _Server()


def is_configured() -> bool:
    """Tell whether this site has a Redis at all."""
    return bool(settings.REDIS_URL)


def run_id() -> str:
    """Return the run id of the server that this process is connected to; empty before that."""
    return _server.run_id


def open_breaker(error: Exception) -> None:
    """Refuse all calls until a probe succeeds; ``error`` is logged where the breaker was closed."""
    _server.epoch += 1
    if _server.breaker.record_failure():
        # Whose own message shows everything that redis-py knows of each Sentinel.
        lost = isinstance(error, MasterNotFoundError)
        reason = "no Sentinel that answers knows a primary that is well" if lost else error
        logger.warning("Redis does not work, going without it: %s", reason)


def breaker_is_open() -> bool:
    """Tell whether calls are refused for now: the breaker is open or half-open."""
    return _server.breaker.state != CLOSED


def require_closed_breaker() -> None:
    """Raise ``Unreachable`` unless Redis may be asked.

    No round trip; a probe where the breaker has rested.
    """
    if _server.breaker.state == CLOSED:
        return
    if not _server.breaker.begin_trial():
        raise Unreachable("The circuit breaker is open.")
    _trial()


def call(*command: Argument) -> Any:
    """Send one command and return its answer. One round trip.

    Raises ``Unreachable``, at once while the breaker is open. Any failure opens the breaker, an
    error that Redis answers included (out of memory, no permission); only ``NoScriptError`` is
    passed on.
    """
    return _guarded([command])[0]


def call_all(commands: Sequence[Command]) -> list[Any]:
    """Send several commands together and return their answers, in order. One round trip.

    Raises ``Unreachable`` as ``call`` does.
    """
    return _guarded(commands)


def call_packed(command: bytes) -> Any:
    """Send one command as Redis' protocol has it and return its answer. One round trip.

    Raises ``Unreachable`` as ``call`` does.
    """
    return _guarded([command])[0]


def send(commands: Sequence[Command]) -> None:
    """Send several commands and do not wait for their answers. No round trip.

    This thread's next command reads them first, and fails if one of these has. Raises
    ``Unreachable``.
    """
    if commands:
        _guarded(commands, wait=False)


def has_script(digest: str) -> bool:
    """Tell whether the server should know the script of this hash; from now on it should."""
    known = digest in _server.scripts
    _server.scripts.add(digest)
    return known


def probe() -> int:
    """Ask whether Redis can write, read and answer; return its clock in milliseconds since 1970.

    Closes the breaker, however short it has rested. Raises ``Unreachable``. One round trip.
    """
    _server.breaker.begin_trial(rested=False)
    return _trial()


def reset() -> None:
    """Forget what is known of the server: after a fork, and when tests start another one."""
    _server.run_id, _server.breaker = "", CircuitBreaker(REST_SECONDS)
    _server.epoch += 1


os.register_at_fork(after_in_child=reset)


def _trial() -> int:
    try:
        (seconds, microseconds) = _send([("EVAL", _PROBE, 1, "mg:probe")])[0]
    except (RedisError, OSError) as error:
        open_breaker(error)
        raise Unreachable(str(error)) from error
    except BaseException:
        # The thread was told to end: the trial has no outcome, and another caller makes one.
        _server.breaker.record_failure()
        raise
    if _server.breaker.record_success():
        logger.warning("Redis works again.")
    return int(seconds) * 1000 + int(microseconds) // 1000


def _guarded(commands: Sequence[Command], *, wait: bool = True) -> list[Any]:
    require_closed_breaker()
    try:
        return _send(commands, wait=wait)
    except NoScriptError:
        raise
    except (RedisError, OSError) as error:
        open_breaker(error)
        raise Unreachable(str(error)) from error


class _ThreadConnection(threading.local):
    """The connection of a thread, and the epoch in which it was made."""

    connection: Any = None
    epoch = -1


_own = _ThreadConnection()


def _send(commands: Sequence[Command], *, wait: bool = True) -> list[Any]:
    connection = _connection()
    packed = b"".join(map(_packed, commands))
    connection.send_packed_command([packed], check_health=False)
    if not wait:
        connection.unread += len(commands)
        return []
    try:
        _read_unread(connection)
        return [connection.read_response() for _ in commands]
    except BaseException as error:
        # An answer that comes too late must not be taken for that of the next command.
        if not isinstance(error, NoScriptError) or len(commands) > 1:
            connection.disconnect()
        raise


def _packed(command: Command) -> bytes:
    # hiredis' types know commands of one part only.
    return command if isinstance(command, bytes) else hiredis.pack_command(command)  # type: ignore[arg-type]


def _read_unread(connection: Any) -> None:
    """Read the answers to commands that nobody waited for."""
    while connection.unread:
        connection.unread -= 1
        try:
            connection.read_response()
        except NoScriptError:
            # That command did nothing, which its sender can bear.
            _server.scripts.clear()


def _connection() -> Any:
    """Return this thread's connection.

    A new one after any failure, whichever thread had it, and where another thread has found
    another server: this thread's is not to be asked any more then.
    """
    connection = _own.connection
    if _own.epoch != _server.epoch or connection.run_id != _server.run_id:
        if connection is not None:
            connection.disconnect()
        epoch = _server.epoch
        # Made as the pool makes its own, but not one of those: it goes with its thread.
        pool = get_redis_connection("default").connection_pool
        connection = pool.connection_class(**pool.connection_kwargs)
        connection.run_id = ""
        connection.connect()
        _own.connection, _own.epoch = connection, epoch
    return _own.connection


class Pool(ConnectionPool):
    """redis-py's pool, whose connections know which run of Redis they speak to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Retry nothing: the caller goes to the database instead."""
        super().__init__(*args, **kwargs, retry=None, redis_connect_func=_greet)


class SentinelPool(SentinelConnectionPool):
    """A pool of connections to the primary that Sentinels name, who are asked each time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Retry nothing: the caller goes to the database instead."""
        super().__init__(  # type: ignore[no-untyped-call]
            *args, **kwargs, retry=None, redis_connect_func=_greet
        )


def _greet(connection: Any) -> None:
    """Note which run of Redis a new connection speaks to.

    What a server has kept over a restart, or another server at the same address, must never be
    taken for what this one held: ``minigram_site.cache.lease`` compares the run with the one that
    the site has agreed on.
    """
    connection.unread = 0
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    text = connection.read_response()
    lines = (text if isinstance(text, bytes) else str(text).encode()).splitlines()
    connection.run_id = next(line[7:].decode() for line in lines if line.startswith(b"run_id:"))
    if _server.run_id != connection.run_id:
        _server.scripts.clear()
    _server.run_id = connection.run_id
