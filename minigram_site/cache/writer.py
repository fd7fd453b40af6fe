"""What is noted while an answer is made from the database, so that it can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from minigram_site.cache import invalidation
from minigram_site.cache.invalidation import TOKEN_LENGTH, redis_key
from minigram_site.cache.lease import Lease
from minigram_site.cache.store import STORE, Region, entry_key, jittered, release_lock
from minigram_site.db import context, monitor, router
from minigram_site.redis.client import Unreachable

# More than any position: only the primary has replayed that far.
_PRIMARY_ONLY = 2**62
# Seconds that the value of a leaf lives: as long as an entry that shows it.
LEAF_TTL = 300
Call = tuple[list[str], list[Any]]


class Writer:
    """What is noted while an answer is made from the database, so that it can be kept.

    ``depends`` comes before the SQL that reads the things; afterwards ``keep``.
    """

    def __init__(self, lease: Lease | None, lock: str = "") -> None:
        """Begin; without a lease nothing will be kept, and nothing costs anything.

        ``lock`` is the key of a lock that is given back with what is kept.
        """
        self.lease = lease
        self.versions: dict[str, bytes] = {}
        self._lock = lock

    def depends_on(self, *names: str) -> None:
        """Note the versions of these things, leaves included, and read where they are known.

        One round trip.
        """
        if self.lease is None:
            return
        try:
            found = invalidation.capture_tokens(self.lease.generation, names)
        except Unreachable:
            self.lease = None
            return
        self.record(names, found)

    def record(self, names: Iterable[str], found: Iterable[bytes]) -> None:
        """Do the same with versions that were claimed already. No round trip."""
        if self.lease is None:
            return
        noted = dict(zip(names, found, strict=True))
        self.versions.update(noted)
        position = invalidation.required_lsn(noted.values(), self.lease)
        router.require_lsn(_PRIMARY_ONLY if position is None else position)
        if _reads_are_behind():
            self.lease = None

    def store(
        self, region: Region, key: str, body: bytes, needs: Iterable[str],
        leaves: Sequence[str] = (), values: Mapping[str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """Keep an answer that depends on ``needs`` and shows ``leaves``; ``values`` are leaves'.

        Not if one of them was changing when it was noted. Nobody waits for it: no round trip.
        """
        self.store_all(region, [(key, body, list(needs), leaves)], values or {})

    def store_all(
        self,
        region: Region,
        answers: Iterable[tuple[str, bytes, Sequence[str], Sequence[str]]],
        values: Mapping[str, bytes],
    ) -> None:
        """Keep several: key, bytes, dependencies and leaves of each. No round trip."""
        lease = self.lease
        if lease is None or not lease.is_usable():
            return
        calls = [
            self._entry(lease, region, key, body, needs, leaves)
            for key, body, needs, leaves in answers
            if not any(map(self._is_pending, needs))
        ]
        noted = {name: value for name, value in values.items() if self._is_wanted(name)}
        if noted:
            calls.append(self._values(lease, noted))
        lock, self._lock = self._lock, ""
        try:
            STORE.tell(calls, *([("DEL", lock)] if lock else []))
        except Unreachable:
            self.lease = None

    def release(self) -> None:
        """Give the lock back if nothing was kept. No round trip."""
        lock, self._lock = self._lock, ""
        if lock:
            release_lock(lock)

    def _entry(
        self, lease: Lease, region: Region, key: str, body: bytes, needs: Sequence[str],
        leaves: Sequence[str],
    ) -> Call:  # fmt: skip
        names = [redis_key(lease.generation, name) for name in needs]
        shown = [redis_key(lease.generation, name) for name in leaves]
        tokens = b"".join(self.versions[name][:TOKEN_LENGTH] for name in needs)
        hard = jittered(region.hard_ttl)
        return [entry_key(lease.generation, region, key)], [
            orjson.dumps(names), tokens, orjson.dumps(shown) if shown else b"", body,
            jittered(region.soft_ttl), hard, hard if region.sliding else b"", 0,
        ]  # fmt: skip

    def _values(self, lease: Lease, values: Mapping[str, bytes]) -> Call:
        keys = ["-", *(redis_key(lease.generation, name) for name in values)]
        pairs = [
            part for name in values for part in (self.versions[name][:TOKEN_LENGTH], values[name])
        ]
        return keys, [*[b""] * 7, jittered(LEAF_TTL), *pairs]

    def _is_pending(self, name: str) -> bool:
        return invalidation.is_pending(self.versions[name])

    def _is_wanted(self, name: str) -> bool:
        """Tell whether a leaf's value is to be kept: it is settled, and not known already."""
        version = self.versions[name]
        return not invalidation.is_pending(version) and b" " not in version


def _reads_are_behind() -> bool:
    """Tell whether reads go to a replica that is behind, as they do while the primary is gone."""
    if not settings.REPLICAS:
        return False
    alias = router.read_alias()
    if alias == DEFAULT_DB_ALIAS:
        return False
    return monitor.get_monitor().standing.servers[alias].position < context.current().position
