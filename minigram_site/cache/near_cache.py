"""The near cache: copies of entries in this process, which are compared with Redis at every use.

A copy has the keys and tokens of the dependencies of its entry. One plain ``MGET`` of these keys
and of the leaves tells whether it is true and brings the leaves: the bodies do not cross the wire
again, and Redis does no more than to look keys up. So a copy is as true as its entry, and needs a
lease as that does; what has been lost in Redis (flushed, evicted, another generation) has no token
that a copy could equal. There is no other comparison: an entry of which this process has no copy is
fetched, becomes one, and is compared as such (``minigram_site.cache.store``).

A copy ends with the soft TTL of its entry, and after ``COPY_SECONDS``: then Redis is asked for the
entry again, which other processes use, and whose hard TTL may be renewed by each use of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from minigram_site.cache.scripts import TOKEN_LENGTH
from minigram_site.memory_cache import BoundedCache

# Of all copies of a process.
MAX_BYTES = 64 * 1024**2
# What a copy takes beside its body and keys: the objects around them, and for each dependency.
COPY_BYTES, TOKEN_BYTES = 800, 80
COPY_SECONDS = 30.0

# The values of leaves; ``None`` where one is missing.
Leaves = list[bytes | None]


@dataclass(slots=True)
class Copy:
    """A copy of an entry: its fields ``b``, ``d``, ``t`` and ``l``, and when it ends.

    Most copies are used once: what else is needed to compare one is worked out at its first use.
    ``keys`` are those of its dependencies and leaves as they are sent to Redis.
    """

    body: bytes
    dependencies: bytes
    joined_tokens: bytes
    leaves: bytes
    until: float
    # Past the soft TTL: such a copy is compared once, and not kept.
    is_stale: bool = False
    keys: bytes = b""
    tokens: Sequence[bytes] = ()
    leaf_count: int = 0

    @property
    def size(self) -> int:
        """What it takes in memory, once it was used."""
        keys, tokens = len(self.dependencies) + len(self.leaves), len(self.joined_tokens)
        return COPY_BYTES + len(self.body) + 2 * keys + TOKEN_BYTES * tokens // TOKEN_LENGTH

    def prepare(self) -> None:
        """Work out what it takes to compare it."""
        if not self.keys:
            leaf_keys = orjson.loads(self.leaves) if self.leaves else []
            joined = self.joined_tokens
            starts = range(0, len(joined), TOKEN_LENGTH)
            self.tokens = [joined[at : at + TOKEN_LENGTH] for at in starts]
            self.leaf_count = len(leaf_keys)
            # Last: threads look at it.
            self.keys = b"".join(map(_packed, [*orjson.loads(self.dependencies), *leaf_keys]))


_copies: BoundedCache[str, Copy] = BoundedCache(MAX_BYTES, lambda copy: copy.size)


def get(key: str) -> Copy | None:
    """Return the copy of an entry, unless there is none or it has ended. No round trip."""
    copy = _copies.get(key)
    return copy if copy is not None and copy.until > time.monotonic() else None


def keep(key: str, copy: Copy) -> None:
    """Keep a copy of the entry with this key. No round trip."""
    _copies.put(key, copy)


def drop(key: str) -> None:
    """Drop the copy of an entry, which is no longer true. No round trip."""
    _copies.discard(key)


def copy_of(soft_ms: int, body: bytes, dependencies: bytes, tokens: bytes, leaves: bytes) -> Copy:
    """Return a copy of an entry, by what its fields ``b``, ``d``, ``t`` and ``l`` hold.

    ``soft_ms``: milliseconds until it is stale. ``tokens`` are those that it was stored with, none
    of them pending.
    """
    until = time.monotonic() + min(COPY_SECONDS, soft_ms / 1000)
    return Copy(body, dependencies, tokens, leaves, until, is_stale=soft_ms <= 0)


def command(copies: Sequence[Copy], further: Sequence[str]) -> bytes:
    """Return the ``MGET`` that tells whether copies are true, and brings the keys ``further``."""
    for copy in copies:
        copy.prepare()
    count = 1 + len(further) + sum(len(copy.tokens) + copy.leaf_count for copy in copies)
    packed = b"".join([*(copy.keys for copy in copies), *map(_packed, further)])
    return b"*%d\r\n$4\r\nMGET\r\n%b" % (count, packed)


def compared(copies: Sequence[Copy], values: Sequence[bytes | None]) -> list[Leaves | None]:
    """Return the leaves of each copy, ``None`` for one that is no longer true; and last the rest.

    ``values`` is the answer to ``command``; the rest are those of ``further`` keys, as leaves.
    """
    found: list[Leaves | None] = []
    place = 0
    for copy in copies:
        end = place + len(copy.tokens)
        is_true = [value and value[:TOKEN_LENGTH] for value in values[place:end]] == copy.tokens
        place = end + copy.leaf_count
        found.append(_leaves(values[end:place]) if is_true else None)
    return [*found, _leaves(values[place:])]


def clear() -> None:
    """Drop all copies. For tests: a copy that is there is never wrong."""
    _copies.clear()


def _leaves(values: Iterable[bytes | None]) -> Leaves:
    return [(value and value.partition(b" ")[2]) or None for value in values]


def _packed(key: str) -> bytes:
    """Return a key as Redis' protocol has it: its length, and its bytes."""
    text = key.encode()
    return b"$%d\r\n%b\r\n" % (len(text), text)
