"""The near cache: copies of entries in this process, which are compared with Redis at every use.

A copy has the keys and tokens of the dependencies of its entry. One plain ``MGET`` of these keys
and of the leaves tells whether it is true, by the comparison that ``lua/lookup.lua`` makes inside
Redis, and brings the leaves: the bodies do not cross the wire again, and Redis does no more than to
look keys up. So a copy is as true as an entry, and needs a lease as that does; what has been lost
in Redis (flushed, evicted, another generation) has no token that a copy could equal.

A copy ends with the soft TTL of its entry, and after ``COPY_SECONDS``: then Redis is asked for the
entry again, which other processes use, and whose hard TTL may be renewed by each use of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from minigram_site.cache.scripts import TOKEN_LENGTH
from minigram_site.memory_cache import BoundedCache
from minigram_site.redis import client

# Of all copies of a process.
MAX_BYTES = 64 * 1024**2
# What a copy takes beside its body and keys: the objects around them, and for each dependency.
COPY_BYTES, TOKEN_BYTES = 800, 80
COPY_SECONDS = 30.0


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
    keys: bytes = b""
    tokens: Sequence[bytes] = ()
    leaf_count: int = 0

    @property
    def size(self) -> int:
        """What it takes in memory, once it was used."""
        keys, tokens = len(self.dependencies) + len(self.leaves), len(self.joined_tokens)
        return COPY_BYTES + len(self.body) + 2 * keys + TOKEN_BYTES * tokens // TOKEN_LENGTH

    def prepared(self) -> Copy:
        """Return this copy, ready to be compared."""
        if not self.keys:
            leaf_keys = orjson.loads(self.leaves) if self.leaves else []
            joined = self.joined_tokens
            starts = range(0, len(joined), TOKEN_LENGTH)
            self.tokens = [joined[at : at + TOKEN_LENGTH] for at in starts]
            self.leaf_count = len(leaf_keys)
            # Last: threads look at it.
            self.keys = b"".join(map(_packed, [*orjson.loads(self.dependencies), *leaf_keys]))
        return self


class Found(NamedTuple):
    """Bodies with their leaves, ``None`` where one is missing, and the value of the last key."""

    found: list[tuple[bytes, list[bytes | None]]]
    last_change: bytes


_copies: BoundedCache[str, Copy] = BoundedCache(MAX_BYTES, lambda copy: copy.size)


def look(keys: Sequence[str], further: Sequence[str]) -> Found | None:
    """Return the entries with these keys, and last the leaves with the keys ``further``.

    The last of ``further`` is not a leaf but the key of the last change. ``None``, and no round
    trip, without a copy of each entry; ``None`` after one where a copy is no longer true, or the
    last key is missing. Otherwise one round trip. Raises ``Unreachable``.
    """
    copies, now = list(map(_copies.get, keys)), time.monotonic()
    valid = [copy for copy in copies if copy is not None and copy.until > now]
    if not keys or len(valid) < len(keys):
        return None
    known = [copy.prepared() for copy in valid]
    count = 1 + len(further) + sum(len(copy.tokens) + copy.leaf_count for copy in known)
    packed = b"".join([*(copy.keys for copy in known), *map(_packed, further)])
    *values, last_change = client.call_packed(b"*%d\r\n$4\r\nMGET\r\n%b" % (count, packed))
    found, place = [], 0
    for key, copy in zip(keys, known, strict=True):
        end = place + len(copy.tokens)
        if [value and value[:TOKEN_LENGTH] for value in values[place:end]] != copy.tokens:
            _copies.discard(key)
            return None
        place = end + copy.leaf_count
        found.append((copy.body, _leaves(values[end:place])))
    found.append((b"", _leaves(values[place:])))
    return Found(found, last_change) if last_change else None


def keep(
    key: str, soft_ms: int, body: bytes, dependencies: bytes, tokens: bytes, leaves: bytes
) -> None:
    """Keep a copy of an entry: its key, and what its fields ``b``, ``d``, ``t`` and ``l`` hold.

    ``soft_ms``: milliseconds until it is stale. ``tokens`` are those that it was stored with, none
    of them pending. No round trip.
    """
    until = time.monotonic() + min(COPY_SECONDS, soft_ms / 1000)
    _copies.put(key, Copy(body, dependencies, tokens, leaves, until))


def clear() -> None:
    """Drop all copies. For tests: a copy that is there is never wrong."""
    _copies.clear()


def _leaves(values: Sequence[bytes | None]) -> list[bytes | None]:
    return [(value and value.partition(b" ")[2]) or None for value in values]


def _packed(key: str) -> bytes:
    """Return a key as Redis' protocol has it: its length, and its bytes."""
    text = key.encode()
    return b"$%d\r\n%b\r\n" % (len(text), text)
