"""Entries, leaves and claims in Redis."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import transaction

from minigram_site.cache.invalidation import PENDING_TTL_MS, invalidate
from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.store import HIT, MISS, Entry, Region, claim, entry_key, lock_key
from minigram_site.cache.writer import Built, Writer
from photos import photo_cache
from social import profile_cache
from social.feed.fast_cache import FEED_JSON
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
        FEED_JSON,
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
    found = claimed(lease, "count")
    assert found == [Entry(HIT, b"body", [b"7 2"]), Entry(HIT, b"", [b"7 2"])]
    with transaction.atomic():
        invalidate("count")
    found = claimed(lease, "count", "none")
    assert found == [Entry(HIT, b"body", [None]), Entry(HIT, b"", [None, None])]


def test_one_of_many_claims_an_entry(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    first = claim(lease, [(REGION, "key")], locks=True)
    second = claim(lease, [(REGION, "key")], locks=True)
    assert first
    assert second
    assert (first.locked, second.locked) == (True, False)
    writer = Writer(lease, lock_key(lease, REGION, "key"))
    writer.depends_on("thing")
    writer.store(REGION, "key", b"body", ["thing"])
    third = claim(lease, [(REGION, "key")], locks=True)
    assert third
    assert (third.found[0].body, third.locked, cached.keys("lock:*")) == (b"body", False, [])


def test_nothing_is_claimed_where_what_comes_before_it_is_missing(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    both = claim(lease, [(REGION, "first"), (REGION, "key")], locks=True)
    assert both
    assert (both.locked, cached.keys("lock:*")) == (False, [])


def changed(*names: str) -> None:
    """Change what these names stand for."""
    with transaction.atomic():
        invalidate(*names)


def read_meanwhile(lease: Lease, *changes: str) -> list[Entry]:
    """Read an entry and a leaf, while these change; return what is cached then."""
    first = claim(lease, [(REGION, "key")], ["count"])
    assert first
    writer = Writer(lease)
    writer.read_since(first.last_change)
    if changes:
        changed(*changes)
    built = Built(REGION, "key", b"body", ["thing", "other"], ["count"])
    writer.store_unchanged([built], {"count": b"7 2"})
    return claimed(lease, "count")


def test_what_was_read_while_nothing_changed_is_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    changed("thing")
    known = Entry(HIT, b"body", [b"7 2"])
    assert read_meanwhile(lease) == [known, Entry(HIT, b"", [b"7 2"])]
    changed("other")
    assert claimed(lease, "count") == [Entry(MISS), Entry(HIT, b"", [b"7 2"])]


@pytest.mark.parametrize("change", ["thing", "count", "nothing of it"])
def test_what_was_read_while_something_changed_is_not_stored(
    cached: RedisServer, change: str
) -> None:
    lease = current_lease()
    assert lease
    assert read_meanwhile(lease, change) == [Entry(MISS), Entry(HIT, b"", [None])]


def test_what_was_read_while_a_change_is_pending_is_not_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    with transaction.atomic():
        invalidate("thing", "count")
        # As another process would, which is in no transaction.
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(read_meanwhile, lease).result()
        assert found == [Entry(MISS), Entry(HIT, b"", [None])]


def test_what_redis_is_told_too_late_is_not_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    # A mark that was made when the lease was taken has run out by now.
    late = replace(lease, redis_time=lease.redis_time - PENDING_TTL_MS)
    assert read_meanwhile(late) == [Entry(MISS), Entry(HIT, b"", [None])]
    assert read_meanwhile(lease)[0].state == HIT


def claimed(lease: Lease, *leaves: str) -> list[Entry]:
    """Return what is cached of one entry, and these leaves."""
    found = claim(lease, [(REGION, "key")], leaves)
    assert found
    return found.found
