"""The LSNs of accounts for sites on several machines: in Redis, beside each machine's table.

They are one sorted set, account by LSN. Its member ``FLOOR`` holds for everybody and stands for
all that is not in the set. Where the set is found without it (Redis was flushed, restarted or
short of memory), reads go to the primary until the floor is set to the primary's LSN: a lost set
makes reads go to the primary, never to a stale replica. While Redis does not answer, reads go to
the primary as well.

Each generation on which the processes have agreed (``minigram_site.redis.agreement``) has a set of
its own. A replica of Redis that was made the primary may lack what the former one had acknowledged:
its copy of the set belongs to a generation that nobody reads any more.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from minigram_site.db.lsn_mmap import EVERYBODY
from minigram_site.redis import agreement, client
from minigram_site.redis.client import Unreachable

# Followed by a generation.
KEY = "minigram:lsns:"
# Sets of former generations are deleted after a day; a present one begins anew then.
TTL_SECONDS = 86_400
FLOOR = "floor"
# Required where nothing is known: no replica ever gets there.
UNKNOWN = 2**62
# Every so many writes of a process those that all replicas have replayed are deleted.
TIDY_EVERY = 256


class LsnStore:
    """The set in Redis, and the writes to it that this process still owes. Safe for threads."""

    def __init__(self) -> None:
        """Begin owing nothing; no connection opens."""
        # The highest LSN that could not be written: it holds for everybody once Redis is back.
        self._owed = 0
        self._owed_lock = threading.Lock()
        self._writes = 0

    def required_lsn(self, user_id: int, current_lsn: Callable[[], int]) -> int:
        """Return the LSN that a replica must have replayed to answer this account.

        ``UNKNOWN`` while Redis does not answer, and while there is no generation to rely upon.
        ``current_lsn`` asks the primary for its LSN; it is called where the set is new, and what it
        raises is passed on. One round trip; one more where a write is owed or the set is new.
        """
        generation = agreement.generation_to_read()
        if not generation:
            return UNKNOWN
        key = f"{KEY}{generation}"
        try:
            self._pay(key)
            scores = client.call("ZMSCORE", key, FLOOR, EVERYBODY, user_id)
            if scores[0] is None:
                added = ("ZADD", key, "GT", current_lsn(), FLOOR)
                client.call_all([added, ("EXPIRE", key, TTL_SECONDS)])
                return UNKNOWN
        except Unreachable:
            return UNKNOWN
        if agreement.generation_to_read() != generation:
            # It may have been another server that answered.
            return UNKNOWN
        return max(int(float(score)) for score in scores if score is not None)

    def record_write(self, user_id: int, lsn: int, replayed_by_all: int) -> None:
        """Require at least ``lsn`` for this account. One round trip; three more at times.

        ``replayed_by_all`` is an LSN that all replicas in use have replayed (0 if not known):
        lower ones need not be kept. While Redis does not answer the write is owed, and while there
        is no generation to tell: that which comes begins with a floor that is as high.
        """
        key = f"{KEY}{agreement.generation_to_write()}"
        try:
            if key == KEY:
                raise Unreachable("There is no generation.")
            client.call("ZADD", key, "GT", lsn, user_id)
        except Unreachable:
            with self._owed_lock:
                self._owed = max(self._owed, lsn)
            return
        try:
            self._pay(key)
            self._writes += 1
            if replayed_by_all and self._writes % TIDY_EVERY == 0:
                self._tidy(key, replayed_by_all)
        except Unreachable:
            # What was not deleted is deleted the next time.
            return

    def _pay(self, key: str) -> None:
        """Write what is owed. Raises ``Unreachable``."""
        owed = self._owed
        if owed:
            # Where the set is new there is no floor to raise: it will be set later than this.
            client.call("ZADD", key, "XX", "GT", owed, FLOOR)
            with self._owed_lock:
                # Unless another thread has owed more meanwhile.
                if self._owed == owed:
                    self._owed = 0

    def _tidy(self, key: str, replayed_by_all: int) -> None:
        """Raise the floor, and delete what lies below. Raises ``Unreachable``."""
        if client.call("ZSCORE", key, FLOOR) is not None:
            client.call("ZADD", key, "GT", replayed_by_all, FLOOR)
            client.call("ZREMRANGEBYSCORE", key, "-inf", f"({replayed_by_all}")


def shared_store() -> LsnStore | None:
    """Return the store if Redis is on another machine, as on sites of several; else ``None``."""
    url = str(settings.CACHES["default"].get("LOCATION", ""))
    return _store(url) if _is_elsewhere(url) else None


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
def _store(url: str) -> LsnStore:
    """Return this process's store for an address: what it owes is owed there."""
    return LsnStore()


# A forked process owes nothing: its parent pays.
os.register_at_fork(after_in_child=_store.cache_clear)
