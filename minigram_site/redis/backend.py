"""Django's cache backend on Redis, which goes on in each process while Redis is unreachable."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.exceptions import RedisError

from minigram_site.redis import client


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
            if client.breaker_is_open():
                return beside(*args, **kwargs)
            try:
                return method(*args, **kwargs)
            except (RedisError, OSError) as error:
                client.open_breaker(error)
                return beside(*args, **kwargs)

        return asked


_METHODS = frozenset({"get", "set", "add", "delete", "get_many", "set_many", "incr", "touch"})
