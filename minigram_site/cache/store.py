"""Entries and leaves in Redis: regions, keys, looking up, claiming. ``Writer`` stores them."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minigram_site import counters
from minigram_site.cache import near_cache
from minigram_site.cache.invalidation import LAST_CHANGE, TOKEN_TTL_MS, new_token, redis_key
from minigram_site.cache.lease import Lease
from minigram_site.cache.scripts import LOOKUP
from minigram_site.redis import client
from minigram_site.redis.client import Unreachable

# Part of every entry's key: entries of another form get another number.
FORMAT = 4
JITTER = 0.1
# Milliseconds after which a stampede lock is free again, however its holder fares.
LOCK_TTL_MS = 3000

MISS, HIT, STALE = 0, 1, 2


@dataclass(frozen=True)
class Region:
    """A region of data, whose entries have one prefix, one pair of TTLs and one set of counters.

    ``soft_ttl``: seconds after which a true entry is stale, that is, to be rebuilt. ``hard_ttl``:
    seconds after which Redis deletes it. Both vary by 10 % from entry to entry, so that what was
    stored together does not expire together. ``sliding``: each use renews the hard TTL, while
    the soft one goes on counting from when the entry was stored.
    """

    name: str
    soft_ttl: float = 60
    hard_ttl: float = 300
    sliding: bool = False
    _counters: dict[str, Any] = field(default_factory=dict, compare=False)

    def count(self, outcome: str, number: int = 1) -> None:
        """Count lookups (hit, stale or miss), or what they led to (rebuild, wait, error).

        The client that rebuilds a stale entry counts a miss, the others count stale.
        """
        counter = self._counters.get(outcome)
        if counter is None:
            counter = counters.CACHE.labels(self.name, outcome)
            self._counters[outcome] = counter
        counter.inc(number)


class Entry(NamedTuple):
    """What Redis holds for an entry's key.

    ``state`` is ``HIT`` (fresh), ``STALE`` (true, but past its soft TTL) or ``MISS`` (missing, or
    no longer true). ``leaves`` are the values of its leaves, ``None`` where one is missing.
    """

    state: int
    body: bytes = b""
    leaves: Sequence[bytes | None] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is true, and none of its leaves is missing."""
        return self.state != MISS and None not in self.leaves


class Claim(NamedTuple):
    """What ``claim`` has found, and whether this client is to build the last entry.

    ``locked``: it holds the entry's stampede lock. Last in ``found`` come the leaves that were
    asked for, as a hit without a body. ``last_change``: the value of that key, for what is read
    from now on (``Writer.read_since``).
    """

    lease: Lease
    found: list[Entry]
    locked: bool
    last_change: bytes


def entry_key(generation: str, region: Region, key: str) -> str:
    """Return the key of an entry in Redis."""
    return f"mg:{generation}:{FORMAT}:{region.name}:{key}"


def claim(
    lease: Lease,
    entries: Sequence[tuple[Region, str]],
    leaves: Sequence[str] = (),
    *,
    locks: bool = False,
    lock_ms: int = LOCK_TTL_MS,
) -> Claim | None:
    """Return what is true of entries and leaves, and the last change before that.

    If it ``locks`` and the last entry alone is not fresh, the claim takes its stampede lock, for
    ``lock_ms`` milliseconds at most, unless another client holds that. One round trip, two where a
    copy in this process is no longer true. ``None`` if Redis does not answer, or the lease ran out
    meanwhile.
    """
    keys = [entry_key(lease.generation, region, key) for region, key in entries]
    further = [redis_key(lease.generation, name) for name in (*leaves, LAST_CHANGE)]
    try:
        near = near_cache.look(keys, further)
        if near is None:
            locking = [lock_key(lease, *entries[-1])] if locks else []
            numbers = (len(keys), len(leaves), new_token(), TOKEN_TTL_MS, lock_ms)
            *answer, last_change, locked = LOOKUP([*keys, *further, *locking], *numbers)
    except Unreachable:
        return None
    if not lease.is_usable():
        return None
    if near is None:
        return Claim(lease, _found(keys, answer), bool(locked), last_change)
    found = [Entry(HIT, body, shown) for body, shown in near.found]
    return Claim(lease, found, locked=False, last_change=near.last_change)


def lock_key(lease: Lease, region: Region, key: str) -> str:
    """Return the key of an entry's stampede lock; it is never the key of an entry."""
    return "lock:" + entry_key(lease.generation, region, key)


def acquire_lock(lease: Lease, region: Region, key: str) -> bool:
    """Take an entry's stampede lock; tell whether this client is to build the entry.

    One round trip. Where Redis does not answer every client is.
    """
    try:
        name = lock_key(lease, region, key)
        return client.call("SET", name, "1", "NX", "PX", LOCK_TTL_MS) is not None
    except Unreachable:
        return True


def release_lock(name: str) -> None:
    """Free the stampede lock of this key (``lock_key``). No round trip."""
    with contextlib.suppress(Unreachable):
        client.send([("DEL", name)])


def jittered(seconds: float) -> int:
    """Return a time in milliseconds, at random up to 10 % more or less than ``seconds``."""
    return int(seconds * 1000 * random.uniform(1 - JITTER, 1 + JITTER))


def _found(keys: Sequence[str], answer: Sequence[Any]) -> list[Entry]:
    """Return the entries of an answer, and keep copies of the fresh ones."""
    *entries, asked = answer
    found = []
    for key, (state, *fields) in zip(keys, entries, strict=True):
        if state == HIT:
            near_cache.keep(key, *fields[:5])
        found.append(Entry(state, fields[1], fields[5:]) if state else Entry(MISS))
    return [*found, Entry(HIT, b"", asked)]
