"""Copies of entries in a process: what they save, and when they are not used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from minigram_site.cache import near_cache
from minigram_site.cache.invalidation import invalidate
from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.store import HIT, MISS, Entry, claim
from minigram_site.cache.writer import Writer
from tests.caching import REGION
from tests.redis_server import RedisServer


@pytest.fixture
def lease(cached: RedisServer) -> Lease:
    """Store an entry that depends on two things and shows a leaf."""
    lease = current_lease()
    assert lease
    writer = Writer(lease)
    writer.depends_on("thing", "other", "count")
    writer.store(REGION, "key", b"body", ["thing", "other"], ["count"], {"count": b"7 2"})
    return lease


def looked(lease: Lease) -> Entry:
    """Return what is cached of the entry."""
    found = claim(lease, [(REGION, "key")])
    assert found
    return found.found[0]


def scripts_run(redis: RedisServer) -> int:
    """Return how many scripts the server has run."""
    ran: Any = redis.ask("INFO", "commandstats")
    return sum(ran.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("eval", "evalsha"))


KNOWN = Entry(HIT, b"body", [b"7 2"])


def test_what_a_process_has_stored_it_validates_without_a_script(
    lease: Lease, own_redis: RedisServer
) -> None:
    looked(lease)
    before = scripts_run(own_redis)
    assert [looked(lease) for _ in range(5)] == [KNOWN] * 5
    # The lease's own probe is a script as well.
    assert scripts_run(own_redis) - before < 5


def test_a_copy_needs_no_entry_but_its_tokens(lease: Lease, cached: RedisServer) -> None:
    looked(lease)
    cached.ask("DEL", *cached.keys("mg:*:test:key"))
    assert looked(lease) == KNOWN
    near_cache.clear()
    assert looked(lease) == Entry(MISS)


@pytest.mark.parametrize("name", ["thing", "other"])
def test_a_change_ends_it(lease: Lease, name: str) -> None:
    assert looked(lease) == KNOWN
    with transaction.atomic():
        invalidate(name)
        # Pending, and not committed yet.
        assert looked(lease) == Entry(MISS)
    assert looked(lease) == Entry(MISS)


def test_a_change_of_a_leaf_shows_in_it(lease: Lease) -> None:
    with transaction.atomic():
        invalidate("count")
    assert looked(lease) == Entry(HIT, b"body", [None])


@pytest.mark.parametrize(
    "lose",
    [
        lambda redis: redis.ask("FLUSHALL"),
        lambda redis: redis.ask("DEL", *redis.keys("mg:*:other")),
    ],
    ids=["flushed", "one token evicted"],
)
def test_what_redis_has_lost_ends_it(
    lease: Lease, cached: RedisServer, lose: Callable[[RedisServer], object]
) -> None:
    assert looked(lease) == KNOWN
    lose(cached)
    assert looked(lease) == Entry(MISS)


def test_it_is_fetched_again_after_a_while(
    lease: Lease, cached: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_cache, "COPY_SECONDS", 0)
    near_cache.clear()
    assert looked(lease) == KNOWN
    cached.ask("DEL", *cached.keys("mg:*:test:key"))
    assert looked(lease) == Entry(MISS)
