"""The positions of people for sites on several machines: in Redis, beside each machine's table.

They are one sorted set. Its member ``FLOOR`` holds for everybody and stands for all that is not
in the set: it is laid with the primary's position when the set is found without it, so that a
Redis that was flushed, restarted or short of memory makes reads careful, never stale. While
Redis does not answer, reads go to the primary.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, lru_cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from minigram_site.db.lsn_mmap import EVERYBODY

KEY = "minigram:positions"
FLOOR = "floor"
# Asked for where nothing is known: no replica ever gets there.
UNKNOWN = 2**62
# After a failure nobody waits for Redis again for so long.
REST_SECONDS = 1.0
TIMEOUT_SECONDS = 0.1
# Every so many writes those that all replicas in use have replayed are thrown away.
TIDY_EVERY = 256

logger = logging.getLogger(__name__)


class LsnStore:
    """What this process knows of the set."""

    def __init__(self, url: str) -> None:
        """Keep the address; the connection opens at first use."""
        self._redis: Any = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._rests_until = 0.0
        # What could not be written: it holds for everybody once Redis is back.
        self._owed = 0
        self._writes = 0

    def needed_by(self, person: int, now: Callable[[], int]) -> int:
        """Return how far a replica must be for ``person``; ``now`` asks the primary. No query.

        One round trip to Redis; one query more where its set is new.
        """
        self._pay()
        scores = self._ask("ZMSCORE", KEY, FLOOR, EVERYBODY, person)
        if scores is None:
            return UNKNOWN
        if scores[0] is None:
            self._ask("ZADD", KEY, "GT", now(), FLOOR)
            return UNKNOWN
        return max(int(float(score)) for score in scores if score is not None)

    def remember(self, person: int, position: int, settled: int) -> None:
        """Let ``person`` have at least ``position``; all replicas in use are past ``settled``."""
        if self._ask("ZADD", KEY, "GT", position, person) is None:
            self._owed = max(self._owed, position)
        self._pay()
        self._writes += 1
        if settled and self._writes % TIDY_EVERY == 0 and self._ask("ZSCORE", KEY, FLOOR):
            self._ask("ZADD", KEY, "GT", settled, FLOOR)
            self._ask("ZREMRANGEBYSCORE", KEY, "-inf", f"({settled}")

    def _pay(self) -> None:
        """Write what could not be written when it was due."""
        if self._owed and self._ask("ZADD", KEY, "XX", "GT", self._owed, FLOOR) is not None:
            # A set that was made anew meanwhile gets its floor from the primary, later than this.
            self._owed = 0

    def _ask(self, *command: str | int) -> Any:
        """Return Redis' answer; ``None`` if there is none, at once for a while after a failure."""
        if monotonic() < self._rests_until:
            return None
        try:
            return self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            self._rests_until = monotonic() + REST_SECONDS
            logger.warning("Redis does not know who wrote what: %s", error)
            return None


def shared_store() -> LsnStore | None:
    """Return the positions in Redis, where it is on another machine: then there are several."""
    url = str(settings.CACHES["default"].get("LOCATION", ""))
    return _of(url) if _is_elsewhere(url) else None


@lru_cache(maxsize=16)
def _is_elsewhere(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme in {"redis", "rediss"} and address.hostname not in {
        None,
        "localhost",
        "127.0.0.1",
        "::1",
    }


@cache
def _of(url: str) -> LsnStore:
    return LsnStore(url)
