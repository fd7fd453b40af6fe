"""The connection to Redis: short time-outs, and a breaker, so that a dead Redis costs nothing.

Redis is used where ``CACHE_URL`` names one (Stage 5). It may be stopped, frozen, flushed or
answer errors at any moment. One failure opens the breaker: until a probe beside the requests
(``minigram_site.trust``) has found the server well again, nobody asks it.

The mechanism of ``minigram_site.cached`` sends its commands by ``call``, over the connection pool
of django-redis: redis-py's own ``execute_command`` costs as much again as the command itself.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django_redis import get_redis_connection
from django_redis.cache import RedisCache
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
        self.pool: Any = None


_server = _Server()


def active() -> bool:
    """Tell whether this site has a Redis at all."""
    return bool(settings.REDIS_URL)


def run() -> str:
    """Return the run id of the server that this process is connected to."""
    return _server.run


def open_breaker(error: Exception) -> None:
    """Stop asking Redis until ``probe`` succeeds."""
    if not _server.broken:
        _server.broken = True
        logger.warning("Redis does not work, going without it: %s", error)


def is_broken() -> bool:
    """Tell whether the breaker is open."""
    return _server.broken


Command = Sequence[str | bytes | float]


def call(*command: str | bytes | float) -> Any:
    """Send one command and return the answer; ``Unreachable`` at once while the breaker is open.

    Any failure opens the breaker, an answered error (out of memory, no permission) included.
    """
    return _guarded([command])[0]


def call_all(commands: Sequence[Command]) -> list[Any]:
    """Send several commands at once and return their answers. One round trip."""
    return _guarded(commands) if commands else []


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
    _server.run, _server.broken, _server.pool = "", False, None


def _guarded(commands: Sequence[Command]) -> list[Any]:
    if _server.broken:
        raise Unreachable("The breaker is open.")
    try:
        return _send(commands)
    except NoScriptError:
        raise
    except (RedisError, OSError) as error:
        open_breaker(error)
        raise Unreachable(str(error)) from error


def _send(commands: Sequence[Command]) -> list[Any]:
    pool = _server.pool
    if pool is None:
        pool = _server.pool = get_redis_connection("default").connection_pool
    connection = pool.get_connection()
    try:
        if connection.run != _server.run:
            # Another server stands at the address now: this one is not to be asked any more.
            connection.disconnect()
        connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        answers = [connection.read_response() for _ in commands]
    except NoScriptError:
        if len(commands) > 1:
            connection.disconnect()
        raise
    except BaseException:
        # An answer that comes too late must not be taken for that of the next command.
        connection.disconnect()
        raise
    finally:
        pool.release(connection)
    return answers


class Pool(ConnectionPool):
    """redis-py's pool, whose connections know which run of Redis they speak to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Retry nothing: whoever asks goes to the database instead."""
        super().__init__(*args, **kwargs, retry=None, redis_connect_func=_greet)


def _greet(connection: Any) -> None:
    """Note which run of Redis a new connection speaks to.

    What a server has kept over a restart, or another server at the same address, must never be
    taken for what this one held: ``minigram_site.trust`` compares the run with the trusted one.
    """
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    text = connection.read_response()
    lines = (text if isinstance(text, bytes) else str(text).encode()).splitlines()
    connection.run = next(line[7:].decode() for line in lines if line.startswith(b"run_id:"))
    _server.run = connection.run


class Cache(RedisCache):  # type: ignore[misc]
    """Django's cache on Redis; while that is unreachable, one in each process.

    Rate limits go on counting, only not over all processes together.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Prepare both; nothing connects yet."""
        super().__init__(server, params)
        self._beside = LocMemCache("beside-redis", {})

    def __getattribute__(self, name: str) -> Any:
        """Return a method that goes on without Redis when that does not answer."""
        method = super().__getattribute__(name)
        if name not in _METHODS:
            return method
        beside = getattr(super().__getattribute__("_beside"), name)

        def asked(*args: Any, **kwargs: Any) -> Any:
            if _server.broken:
                return beside(*args, **kwargs)
            try:
                return method(*args, **kwargs)
            except (RedisError, OSError) as error:
                open_breaker(error)
                return beside(*args, **kwargs)

        return asked


_METHODS = frozenset({"get", "set", "add", "delete", "get_many", "set_many", "incr", "touch"})
