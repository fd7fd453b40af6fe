"""Entries, leaves and claims in Redis."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from minigram_site.cache import invalidation
from minigram_site.cache.invalidation import invalidate
from minigram_site.cache.lease import current_lease
from minigram_site.cache.store import HIT, Entry, Region, claim, entry_key, lock_key, lookup
from minigram_site.cache.writer import Writer
from photos import photo_cache
from social import profile_cache
from social.feed import cache
from tests.caching import REGION
from tests.redis_server import RedisServer

# Milliseconds that the test itself may take.
SLOW = 1000


@pytest.mark.parametrize("region", [REGION, Region("longer", soft_ttl=900, hard_ttl=600)])
def test_ttls_differ_from_entry_to_entry_by_a_tenth_at_most(
    cached: RedisServer, region: Region
) -> None:
    lease, now = current_lease(), time.time() * 1000
    assert lease
    writer = Writer(lease)
    writer.depends_on("thing")
    writer.store_all(region, [(f"key{number}", b"x", ["thing"], ()) for number in range(50)], {})
    keys = [entry_key(lease.generation, region, f"key{number}") for number in range(50)]
    soft = [cached.number("HGET", key, "s") - now for key in keys]
    hard = [cached.number("PTTL", key) for key in keys]
    for times, seconds in ((soft, region.soft_ttl), (hard, region.hard_ttl)):
        assert seconds * 900 - SLOW <= min(times) < max(times) <= seconds * 1100 + SLOW
        assert max(times) - min(times) > seconds * 50


def test_what_is_shown_to_others_is_stale_after_a_minute() -> None:
    regions = (
        cache.FEED,
        profile_cache.PROFILE,
        profile_cache.RELATION,
        photo_cache.PHOTO,
        photo_cache.COUNTS,
    )
    assert {(region.soft_ttl, region.hard_ttl) for region in regions} == {(60, 300)}


def test_leaves_come_with_the_entry_and_change_by_themselves(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    writer = Writer(lease)
    writer.depends_on("thing", "count")
    writer.store(REGION, "key", b"body", ["thing"], ["count"], {"count": b"7 2"})
    found = lookup(lease, [(REGION, "key")], ["count"])
    assert found == [Entry(HIT, b"body", [b"7 2"]), Entry(HIT, b"", [b"7 2"])]
    with transaction.atomic():
        invalidate("count")
    found = lookup(lease, [(REGION, "key")], ["count", "none"])
    assert found == [Entry(HIT, b"body", [None]), Entry(HIT, b"", [None, None])]


def test_one_of_many_claims_an_entry_with_the_tokens_that_it_needs(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    first = claim(lease, [(REGION, "key")], dependencies=["thing"])
    second = claim(lease, [(REGION, "key")], dependencies=["thing"])
    assert first
    assert second
    assert (first.locked, second.locked) == (True, False)
    assert list(first.tokens) == invalidation.capture_tokens(lease.generation, ["thing"])
    writer = Writer(lease, lock_key(lease, REGION, "key"))
    writer.record(first.dependencies, first.tokens)
    writer.store(REGION, "key", b"body", ["thing"])
    third = claim(lease, [(REGION, "key")], dependencies=["thing"])
    assert third
    assert (third.found[0].body, third.locked, cached.keys("lock:*")) == (b"body", False, [])


def test_nothing_is_claimed_where_what_comes_before_it_is_missing(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    both = claim(lease, [(REGION, "first"), (REGION, "key")], dependencies=["thing"])
    assert both
    assert (both.locked, cached.keys("lock:*")) == (False, [])


def test_a_missing_leaf_is_claimed_with_its_token(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    found = claim(lease, [], ["count"])
    assert found
    (leaves,) = found.found
    assert leaves.leaves == [None]
    writer = Writer(lease)
    writer.record(["count"], leaves.tokens.values())
    writer.store_all(REGION, [], {"count": b"7 2"})
    assert lookup(lease, [], ["count"]) == [Entry(HIT, b"", [b"7 2"])]
