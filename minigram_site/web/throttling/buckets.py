"""Token buckets, in Redis where there is one (Stage 5), else in the memory of each process.

A bucket of 120 tokens that fills in a minute lets 120 requests through at once, and two a second
after that. It is kept as one number, the time at which it will be full (known as GCRA), however
many requests it counts. Without Redis each process counts for itself: a site of several processes
lets through as many times as much, and never less than its limits say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from time import time
from typing import NamedTuple

from minigram_site.redis import client
from minigram_site.redis.client import Unreachable
from minigram_site.redis.script import Script

# Of so many clients a process remembers buckets; those that are full again are the first to go.
_MOST_KEPT = 50_000
# Rounding errors of sums of times.
_EPSILON = 0.001


class Bucket(NamedTuple):
    """A bucket: where it is kept, how many tokens it holds, and in how many seconds it fills."""

    key: str
    size: int
    seconds: int


class Taken(NamedTuple):
    """What taking a token from buckets came to.

    ``wait`` is 0 where one was taken, else the seconds until there is one; ``until_full`` are the
    seconds until each bucket is full.
    """

    wait: float
    until_full: list[float]


_take_in_redis = Script(Path(__file__).parent / "take.lua")
_full_at: dict[str, float] = {}
_lock = Lock()


def take(buckets: Sequence[Bucket]) -> Taken:
    """Take a token from each bucket, or from none if one of them is empty.

    One round trip to Redis where there is one, by a script: instances together let no more through
    than one alone. While Redis does not answer, each process counts for itself.
    """
    if client.is_configured():
        keys = [bucket.key for bucket in buckets]
        numbers = [number for bucket in buckets for number in (bucket.size, bucket.seconds)]
        try:
            wait, *until_full = map(float, _take_in_redis(keys, *numbers))
        except Unreachable:
            return _take_here(buckets, time())
        return Taken(wait, until_full)
    return _take_here(buckets, time())


def forget_all() -> None:
    """Fill all buckets that this process keeps."""
    with _lock:
        _full_at.clear()


def _take_here(buckets: Sequence[Bucket], now: float) -> Taken:
    with _lock:
        before = [max(_full_at.get(bucket.key, now), now) for bucket in buckets]
        pairs = list(zip(buckets, before, strict=True))
        after = [full_at + bucket.seconds / bucket.size for bucket, full_at in pairs]
        wait = max(
            full_at - now - bucket.seconds for bucket, full_at in zip(buckets, after, strict=True)
        )
        if wait >= _EPSILON:
            return Taken(wait, [full_at - now for full_at in before])
        for bucket, full_at in zip(buckets, after, strict=True):
            _full_at[bucket.key] = full_at
        if len(_full_at) > _MOST_KEPT:
            _make_room(now)
    return Taken(0, [full_at - now for full_at in after])


def _make_room(now: float) -> None:
    """Drop the buckets that are full, and if all are in use those that will be full first."""
    in_use = sorted((full_at, key) for key, full_at in _full_at.items() if full_at > now)
    _full_at.clear()
    _full_at.update({key: full_at for full_at, key in in_use[-_MOST_KEPT // 2 :]})
