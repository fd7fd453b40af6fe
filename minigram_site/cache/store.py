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
from minigram_site.cache.scripts import MAKE_LAST_CHANGE
from minigram_site.redis import client
from minigram_site.redis.client import Command, Unreachable

# Part of every entry's key: entries of another form get another number.
FORMAT = 4
JITTER = 0.1
# Milliseconds after which a stampede lock is free again, however its holder fares.
LOCK_TTL_MS = 3000

MISS, HIT, STALE = 0, 1, 2
# Of an entry: its soft deadline, and what a copy of it is made of.
_FIELDS = ("s", "b", "d", "t", "l")


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
    ``lock_ms`` milliseconds at most, unless another client holds that. One round trip where this
    process has true copies of all entries, and where Redis has none of those that it lacks; one
    more where a copy is no longer true, and one where an entry is fetched. ``None`` if Redis does
    not answer, or the lease ran out meanwhile.
    """
    lock = lock_key(lease, *entries[-1]) if locks else ""
    lookup = _Lookup(lease, entries, leaves)
    try:
        if not lookup.compare():
            lookup.fetch([("SET", lock, "1", "NX", "PX", lock_ms)] if locks else [])
        last_change = lookup.last_change or MAKE_LAST_CHANGE(
            [redis_key(lease.generation, LAST_CHANGE)], new_token(), TOKEN_TTL_MS
        )
    except Unreachable:
        return None
    if not lease.is_usable():
        return None
    found = lookup.found()
    locked = lookup.locked
    if locked and (found[-1].state == HIT or any(one.state != HIT for one in found[:-1])):
        release_lock(lock)
        locked = False
    return Claim(lease, [*found, Entry(HIT, b"", lookup.asked)], locked, last_change)


class _Lookup:
    """Entries and leaves that are looked for: as this process has them, then as Redis has them."""

    def __init__(
        self, lease: Lease, entries: Sequence[tuple[Region, str]], leaves: Sequence[str]
    ) -> None:
        """Take the copies that this process has. No round trip."""
        generation = lease.generation
        self._regions = [region for region, _ in entries]
        self._keys = [entry_key(generation, region, key) for region, key in entries]
        self._further = [redis_key(generation, name) for name in (*leaves, LAST_CHANGE)]
        # Of each entry the copy, as long as nothing is known against it, and its leaves.
        self._copies = [near_cache.get(key) for key in self._keys]
        self._leaves: list[near_cache.Leaves | None] = []
        self.asked: near_cache.Leaves = []
        # ``None`` where its key is missing.
        self.last_change: bytes | None = None
        self.locked = False

    def found(self) -> list[Entry]:
        """Return the entries."""
        leaves = iter(self._leaves)
        return [
            Entry(MISS)
            if copy is None or (shown := next(leaves)) is None
            else Entry(STALE if copy.is_stale else HIT, copy.body, shown)
            for copy in self._copies
        ]

    def compare(self) -> bool:
        """Compare copies of all entries; tell whether all are there, and true.

        One round trip, none where one is missing. Raises ``Unreachable``.
        """
        if not self._copies or None in self._copies:
            return False
        self._take(client.call_packed(self._command()))
        return None not in self._leaves

    def fetch(self, locking: list[Command]) -> None:
        """Fetch the entries that are not known to be true; ``locking`` is sent with that.

        One round trip, two where Redis has one of them. Raises ``Unreachable``.
        """
        untrue = self._drop_untrue()
        wanted = [place for place, copy in enumerate(self._copies) if copy is None]
        asked: list[Command] = [("HMGET", self._keys[place], *_FIELDS) for place in wanted]
        used = [
            ("PEXPIRE", self._keys[place], jittered(self._regions[place].hard_ttl))
            for place in wanted
            if self._regions[place].sliding
        ]
        answers = client.call_all([*asked, ("TIME",), self._command(), *locking, *used])
        *fetched, time, values = answers[: len(wanted) + 2]
        self.locked = bool(locking) and answers[len(wanted) + 2] is not None
        now = int(time[0]) * 1000 + int(time[1]) // 1000
        for place, (soft_deadline, *fields) in zip(wanted, fetched, strict=True):
            # Tokens that have gone do not come back.
            if soft_deadline is not None and untrue.get(place) != fields[2]:
                self._copies[place] = near_cache.copy_of(int(soft_deadline) - now, *fields)
        is_new = any(self._copies[place] is not None for place in wanted)
        self._take(client.call_packed(self._command()) if is_new else values)
        for key, entry, copy in zip(self._keys, self.found(), self._copies, strict=True):
            if copy is not None and entry.state == HIT:
                near_cache.keep(key, copy)

    def _drop_untrue(self) -> dict[int, bytes]:
        """Drop the copies that are not true; return their tokens by place. No round trip."""
        untrue = {}
        for place, shown in enumerate(self._leaves):
            copy = self._copies[place]
            if shown is None and copy is not None:
                near_cache.drop(self._keys[place])
                untrue[place], self._copies[place] = copy.joined_tokens, None
        return untrue

    def _known(self) -> list[near_cache.Copy]:
        return [copy for copy in self._copies if copy is not None]

    def _command(self) -> bytes:
        return near_cache.command(self._known(), self._further)

    def _take(self, values: Sequence[bytes | None]) -> None:
        *values, self.last_change = values
        *self._leaves, asked = near_cache.compared(self._known(), values)
        self.asked = asked or []


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
