"""The connection to Redis: short time-outs, and a breaker, so that a dead Redis costs nothing.

Redis is used where ``CACHE_URL`` names one (Stage 5). It may be stopped, frozen, flushed or
answer errors at any moment. One failure opens the breaker: until a probe beside the requests
(``minigram_site.cache.lease``) has found the server well again, nobody asks it.

The mechanism of ``minigram_site.cache.read_through`` sends its commands by ``call`` and ``tell``,
over one connection for each thread: redis-py's own ``execute_command`` costs as much again as the
command itself, and its pool asks the kernel about the socket before each use.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import hiredis
from django.conf import settings
from django_redis import get_redis_connection
from redis.connection import ConnectionPool
from redis.exceptions import NoScriptError, RedisError

logger = logging.getLogger(__name__)


class Unreachable(Exception):
    """Redis does not answer, or not as it should."""


class _Server:
    """What this process knows of its Redis."""

    def __init__(self) -> None:
        # Which run of which server the newest connection speaks to (Redis' ``run_id``).
        self.run = ""
        self.broken = False
        # Connections of an earlier epoch are not used any more.
        self.epoch = 0
        # Scripts that the server has been sent, by their hashes.
        self.scripts: set[str] = set()


_server = _Server()


def is_configured() -> bool:
    """Tell whether this site has a Redis at all."""
    return bool(settings.REDIS_URL)


def run_id() -> str:
    """Return the run id of the server that this process is connected to."""
    return _server.run


def open_breaker(error: Exception) -> None:
    """Stop asking Redis until ``probe`` succeeds."""
    _server.epoch += 1
    if not _server.broken:
        _server.broken = True
        logger.warning("Redis does not work, going without it: %s", error)


def breaker_is_open() -> bool:
    """Tell whether the breaker is open."""
    return _server.broken


Command = tuple[str | bytes | float, ...]


def call(*command: str | bytes | float) -> Any:
    """Send one command and return the answer; ``Unreachable`` at once while the breaker is open.

    Any failure opens the breaker, an answered error (out of memory, no permission) included.
    """
    return _guarded([command])[0]


def send(commands: Sequence[Command]) -> None:
    """Send several commands and do not wait for their answers.

    This thread's next command reads them first, and fails if one of these has.
    """
    if commands:
        _guarded(commands, wait=False)


def has_script(script: str) -> bool:
    """Tell whether the server should know this script by its hash; from now on it should."""
    known = script in _server.scripts
    _server.scripts.add(script)
    return known


def probe() -> int:
    """Ask whether Redis can write and answer; return its clock in milliseconds.

    Closes the breaker. ``Unreachable`` if it cannot.
    """
    try:
        _, (seconds, microseconds) = _send([("SET", "mg:probe", "1", "PX", 10_000), ("TIME",)])
    except (RedisError, OSError) as error:
        open_breaker(error)
        raise Unreachable(str(error)) from error
    if _server.broken:
        _server.broken = False
        logger.warning("Redis works again.")
    return int(seconds) * 1000 + int(microseconds) // 1000


def reset() -> None:
    """Forget what is known of the server: after a fork, and when tests start another one."""
    _server.run, _server.broken = "", False
    _server.epoch += 1


def _guarded(commands: Sequence[Command], *, wait: bool = True) -> list[Any]:
    if _server.broken:
        raise Unreachable("The breaker is open.")
    try:
        return _send(commands, wait=wait)
    except NoScriptError:
        raise
    except (RedisError, OSError) as error:
        open_breaker(error)
        raise Unreachable(str(error)) from error


class _Own(threading.local):
    """The connection of a thread, and which epoch it is of."""

    connection: Any = None
    epoch = -1


_own = _Own()


def _send(commands: Sequence[Command], *, wait: bool = True) -> list[Any]:
    connection = _connection()
    if connection.run != _server.run:
        # Another server stands at the address now: this one is not to be asked any more.
        connection.disconnect()
    # hiredis' types know commands of one part only.
    packed = b"".join(hiredis.pack_command(command) for command in commands)  # type: ignore[arg-type]
    connection.send_packed_command([packed], check_health=False)
    if not wait:
        connection.owed += len(commands)
        return []
    try:
        _read_owed(connection)
        return [connection.read_response() for _ in commands]
    except BaseException as error:
        # An answer that comes too late must not be taken for that of the next command.
        if not isinstance(error, NoScriptError) or len(commands) > 1:
            connection.disconnect()
        raise


def _read_owed(connection: Any) -> None:
    while connection.owed:
        connection.owed -= 1
        try:
            connection.read_response()
        except NoScriptError:
            # Nothing was done, which whoever did not wait for it can bear.
            _server.scripts.clear()


def _connection() -> Any:
    """Return this thread's connection; a new one after any failure, whichever thread had it."""
    if _own.epoch != _server.epoch:
        epoch = _server.epoch
        # Made as the pool makes its own, but not one of those: it goes with its thread.
        pool = get_redis_connection("default").connection_pool
        connection = pool.connection_class(**pool.connection_kwargs)
        connection.run = ""
        connection.connect()
        _own.connection, _own.epoch = connection, epoch
    return _own.connection


class Pool(ConnectionPool):
    """redis-py's pool, whose connections know which run of Redis they speak to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Retry nothing: whoever asks goes to the database instead."""
        super().__init__(*args, **kwargs, retry=None, redis_connect_func=_greet)


def _greet(connection: Any) -> None:
    """Note which run of Redis a new connection speaks to.

    What a server has kept over a restart, or another server at the same address, must never be
    taken for what this one held: ``minigram_site.cache.lease`` compares the run with the trusted
    one.
    """
    connection.owed = 0
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    text = connection.read_response()
    lines = (text if isinstance(text, bytes) else str(text).encode()).splitlines()
    connection.run = next(line[7:].decode() for line in lines if line.startswith(b"run_id:"))
    if _server.run != connection.run:
        _server.scripts.clear()
    _server.run = connection.run
