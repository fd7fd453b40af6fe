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
from typing import NamedTuple

import orjson

from minigram_site.cache.scripts import TOKEN_LENGTH
from minigram_site.memory_cache import BoundedCache
from minigram_site.redis import client

# Of all copies of a process.
MAX_BYTES = 64 * 1024**2
# What a copy takes beside its body and keys: the objects around them, and for each dependency.
COPY_BYTES, TOKEN_BYTES = 600, 60
COPY_SECONDS = 30.0


class Copy(NamedTuple):
    """A copy of an entry: its body, what it depends on, how many leaves it has, when it ends.

    ``keys`` are those of its dependencies and leaves as they are sent to Redis.
    """

    body: bytes
    keys: bytes
    tokens: list[bytes]
    leaf_count: int
    until: float


class Found(NamedTuple):
    """Bodies with their leaves, ``None`` where one is missing, and the value of the last key."""

    found: list[tuple[bytes, list[bytes | None]]]
    last_change: bytes


_copies: BoundedCache[str, Copy] = BoundedCache(
    MAX_BYTES,
    lambda copy: COPY_BYTES + len(copy.body) + len(copy.keys) + TOKEN_BYTES * len(copy.tokens),
)


def look(keys: Sequence[str], further: Sequence[str]) -> Found | None:
    """Return the entries with these keys, and last the leaves with the keys ``further``.

    The last of ``further`` is not a leaf but the key of the last change. ``None``, and no round
    trip, without a copy of each entry; ``None`` after one where a copy is no longer true, or the
    last key is missing. Otherwise one round trip. Raises ``Unreachable``.
    """
    copies, now = list(map(_copies.get, keys)), time.monotonic()
    known = [copy for copy in copies if copy is not None and copy.until > now]
    if not keys or len(known) < len(keys):
        return None
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
    leaf_keys = orjson.loads(leaves) if leaves else []
    packed = b"".join(map(_packed, [*orjson.loads(dependencies), *leaf_keys]))
    parted = [tokens[at : at + TOKEN_LENGTH] for at in range(0, len(tokens), TOKEN_LENGTH)]
    _copies.put(key, Copy(body, packed, parted, len(leaf_keys), until))


def clear() -> None:
    """Drop all copies. For tests: a copy that is there is never wrong."""
    _copies.clear()


def _leaves(values: Sequence[bytes | None]) -> list[bytes | None]:
    return [(value and value.partition(b" ")[2]) or None for value in values]


def _packed(key: str) -> bytes:
    """Return a key as Redis' protocol has it: its length, and its bytes."""
    text = key.encode()
    return b"$%d\r\n%b\r\n" % (len(text), text)
