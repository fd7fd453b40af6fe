"""Django's cache backend on Redis, which goes on in each process while Redis is unreachable."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.exceptions import RedisError

from minigram_site.redis import client
from minigram_site.redis.client import Unreachable


class Cache(RedisCache):  # type: ignore[misc]
    """Django's cache on Redis, and one in the memory of each process while Redis is unreachable.

    Rate limits go on counting, only not over all processes together.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Prepare both; nothing connects yet."""
        super().__init__(server, params)
        self._local = LocMemCache("without-redis", {})

    def __getattribute__(self, name: str) -> Any:
        """Return the method, which uses the local cache where Redis does not answer."""
        method = super().__getattribute__(name)
        if name not in _METHODS:
            return method
        local = getattr(super().__getattribute__("_local"), name)

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                client.require_closed_breaker()
                return method(*args, **kwargs)
            except Unreachable:
                pass
            except (RedisError, OSError) as error:
                client.open_breaker(error)
            return local(*args, **kwargs)

        return call


_METHODS = frozenset({"get", "set", "add", "delete", "get_many", "set_many", "incr", "touch"})
