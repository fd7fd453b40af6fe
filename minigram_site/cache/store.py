"""Entries and leaves in Redis: regions, keys, looking up, claiming. ``Writer`` stores them."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from minigram_site import counters
from minigram_site.cache.invalidation import TOKEN_TTL_MS, new_token, redis_key
from minigram_site.cache.lease import Lease
from minigram_site.cache.scripts import LOOKUP
from minigram_site.redis import client
from minigram_site.redis.client import Unreachable

# Part of every entry's key: entries of another form get another number.
FORMAT = 2
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
    no longer true). ``leaves`` are the values of its leaves, ``None`` where one is missing;
    ``tokens`` are the values of the missing ones' keys, by their place, if they were claimed.
    """

    state: int
    body: bytes = b""
    leaves: Sequence[bytes | None] = ()
    tokens: Mapping[int, bytes] = MappingProxyType({})


class Claim(NamedTuple):
    """What ``claim`` has found, and whether this client is to build the last entry.

    ``locked``: it holds the entry's stampede lock, and ``tokens`` are the values of the keys of
    ``dependencies``. Last in ``found`` come the leaves that were asked for, as a hit without a
    body.
    """

    lease: Lease
    found: list[Entry]
    locked: bool
    dependencies: Sequence[str]
    tokens: Sequence[bytes]


def entry_key(generation: str, region: Region, key: str) -> str:
    """Return the key of an entry in Redis."""
    return f"mg:{generation}:{FORMAT}:{region.name}:{key}"


def lookup(
    lease: Lease, entries: Sequence[tuple[Region, str]], leaves: Sequence[str] = ()
) -> list[Entry] | None:
    """Return what Redis holds for these entries, and last for these leaves. One round trip.

    ``None`` if Redis does not answer, or the lease ran out meanwhile.
    """
    answer = _run(lease, _keys(lease, entries, leaves), len(entries), len(leaves))
    return answer and _found(answer)


def claim(
    lease: Lease,
    entries: Sequence[tuple[Region, str]],
    leaves: Sequence[str] = (),
    dependencies: Sequence[str] | None = None,
) -> Claim | None:
    """Look entries and leaves up, and capture the tokens that are needed to build what is missing.

    Those are the tokens of missing leaves. If ``dependencies`` are given and the last entry alone
    is not fresh, the claim takes its stampede lock, unless another client holds that, and
    captures the tokens of ``dependencies``, on which the entry will depend.

    One round trip. ``None`` if Redis does not answer, or the lease ran out meanwhile.
    """
    keys = _keys(lease, entries, leaves)
    if dependencies is not None:
        keys.append(lock_key(lease, *entries[-1]))
        keys += [redis_key(lease.generation, name) for name in dependencies]
    claiming = (new_token(), TOKEN_TTL_MS, LOCK_TTL_MS)
    answer = _run(lease, keys, len(entries), len(leaves), *claiming)
    if answer is None:
        return None
    *answer, claimed = answer
    return Claim(lease, _found(answer), bool(claimed), dependencies or (), claimed[1:])


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


def _keys(lease: Lease, entries: Sequence[tuple[Region, str]], leaves: Sequence[str]) -> list[str]:
    generation = lease.generation
    keys = [entry_key(generation, region, key) for region, key in entries]
    return keys + [redis_key(generation, name) for name in leaves]


def _run(lease: Lease, keys: Sequence[str], *arguments: str | int) -> list[Any] | None:
    try:
        answer: list[Any] = LOOKUP(keys, *arguments)
    except Unreachable:
        return None
    return answer if lease.is_usable() else None


def _found(answer: Sequence[Any]) -> list[Entry]:
    *entries, asked = answer
    found = [_entry(one[0], one[1], one[2:]) if one[0] else Entry(MISS) for one in entries]
    return [*found, _entry(HIT, b"", asked)]


def _entry(state: int, body: bytes, leaves: list[Any]) -> Entry:
    # A missing leaf that was claimed is a list of its key's value.
    tokens = {place: leaf[0] for place, leaf in enumerate(leaves) if isinstance(leaf, list)}
    if not tokens:
        return Entry(state, body, leaves)
    values = [None if isinstance(leaf, list) else leaf for leaf in leaves]
    return Entry(state, body, values, tokens)
