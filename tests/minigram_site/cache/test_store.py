"""Entries, leaves and claims in Redis."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from django.db import transaction

from minigram_site.cache import invalidation, near_cache
from minigram_site.cache.invalidation import LAST_CHANGE, PENDING_TTL_MS, invalidate, redis_key
from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.scripts import LOGGED_CHANGES, LOGGED_KEYS
from minigram_site.cache.store import HIT, MISS, Entry, Region, claim, entry_key, lock_key
from minigram_site.cache.writer import Built, Writer
from photos import photo_cache
from social import profile_cache
from social.feed.fast_feed import FEED_JSON
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
    assert (both.locked, locks_left(lease, cached)) == (False, [])


def test_an_entry_that_is_fetched_leaves_no_lock_behind(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    writer = Writer(lease)
    writer.depends_on("thing")
    writer.store(REGION, "key", b"body", ["thing"])
    near_cache.clear()
    fetched = claim(lease, [(REGION, "key")], locks=True)
    assert fetched
    assert (fetched.found, fetched.locked) == (
        [Entry(HIT, b"body", []), Entry(HIT, b"", [])],
        False,
    )
    assert locks_left(lease, cached) == []


def test_a_lock_that_somebody_holds_stays_theirs_when_the_entry_is_fetched(
    cached: RedisServer,
) -> None:
    lease = current_lease()
    assert lease
    holder = claim(lease, [(REGION, "key")], locks=True)
    writer = Writer(lease)
    writer.depends_on("thing")
    writer.store(REGION, "key", b"body", ["thing"])
    near_cache.clear()
    fetched = claim(lease, [(REGION, "key")], locks=True)
    assert holder
    assert fetched
    assert (holder.locked, fetched.locked, len(locks_left(lease, cached))) == (True, False, 1)


def locks_left(lease: Lease, redis: RedisServer) -> list[str]:
    """Return the locks that are held, once all that was sent has been carried out."""
    claim(lease, [])
    return redis.keys("lock:*")


def changed(*names: str) -> None:
    """Change what these names stand for."""
    with transaction.atomic():
        invalidate(*names)


def read_meanwhile(lease: Lease, *events: Callable[[], object]) -> list[Entry]:
    """Read an entry and two leaves, while this happens; return what is cached then."""
    first = claim(lease, [(REGION, "key")], ["count", "liked"])
    assert first
    writer = Writer(lease)
    writer.read_since(first.last_change)
    for event in events:
        event()
    built = Built(REGION, "key", b"body", ["thing", "other"], ["count"])
    writer.store_unchanged([built], {"count": b"7 2", "liked": b"true"})
    return claimed(lease, "count", "liked")


def change_of(*names: str) -> Callable[[], object]:
    return partial(changed, *names)


# What is cached if all was stored, and if nothing was.
ALL = [Entry(HIT, b"body", [b"7 2"]), Entry(HIT, b"", [b"7 2", b"true"])]
NOTHING = [Entry(MISS), Entry(HIT, b"", [None, None])]


def test_what_was_read_while_nothing_changed_is_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    changed("thing")
    assert read_meanwhile(lease) == ALL
    changed("other")
    assert claimed(lease, "count", "liked") == [Entry(MISS), ALL[1]]


def test_what_was_read_while_all_else_changed_is_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    names = [f"thing{number}" for number in range(LOGGED_KEYS)]
    several = [change_of("an other"), change_of(*names), change_of("counts", "like\n")] * 10
    assert read_meanwhile(lease, *several) == ALL
    changed("thing")
    assert claimed(lease)[0] == Entry(MISS)


def test_what_has_changed_while_it_was_read_is_not_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    for name in ("thing", "other"):
        events = [change_of("before"), change_of("one", name), change_of("after")]
        assert read_meanwhile(lease, *events) == [Entry(MISS), ALL[1]]
        cached.ask("FLUSHALL")
    events = [change_of("count"), change_of("after")]
    found = [Entry(HIT, b"body", [None]), Entry(HIT, b"", [None, b"true"])]
    assert read_meanwhile(lease, *events) == found


def test_nothing_is_stored_after_a_change_of_more_than_is_logged(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    names = [f"thing{number}" for number in range(LOGGED_KEYS + 1)]
    assert read_meanwhile(lease, change_of(*names), change_of("after")) == NOTHING
    # It ended before this is read.
    assert read_meanwhile(lease) == ALL


def test_nothing_is_stored_once_the_log_no_longer_tells_what_has_changed(
    cached: RedisServer,
) -> None:
    lease = current_lease()
    assert lease
    many = [change_of("after")] * LOGGED_CHANGES
    # The claim itself is then the last that is looked at, or one too far back.
    assert read_meanwhile(lease, *many) == NOTHING
    assert read_meanwhile(lease, *many[1:]) == ALL


def test_the_log_is_bounded_and_lives_as_long_as_the_last_change(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    last_change = redis_key(lease.generation, LAST_CHANGE)
    lengths = set()
    for _ in range(2 * LOGGED_CHANGES + 10):
        changed("thing")
        lengths.add(cached.number("LLEN", f"{last_change}:log"))
    assert max(lengths) == 2 * LOGGED_CHANGES
    lives = [cached.number("PTTL", key) for key in (last_change, f"{last_change}:log")]
    assert abs(lives[0] - lives[1]) < SLOW


@pytest.mark.parametrize("lost", ["last-change", "last-change:log", "*"])
def test_what_redis_loses_meanwhile_hides_no_change(cached: RedisServer, lost: str) -> None:
    lease = current_lease()
    assert lease

    def lose() -> None:
        for key in cached.keys(f"mg:{lease.generation}:{lost}"):
            cached.ask("DEL", key)

    is_known = lost == "last-change"
    # Lost before, after, between two changes; another reader asks for the last change then.
    for events in (
        [lose, change_of("thing")],
        [change_of("thing"), lose],
        [change_of("thing"), lose, change_of("after")],
        [change_of("thing"), lose, partial(claimed, lease)],
        [change_of("thing"), lose, partial(claimed, lease), change_of("after")],
    ):
        assert read_meanwhile(lease, *events)[0] == Entry(MISS)
        cached.ask("FLUSHALL")
    # Nothing but unknown: a change of something else.
    events = [lose, change_of("after")]
    assert (read_meanwhile(lease, *events) == ALL) == is_known
    cached.ask("FLUSHALL")
    # What a reader made is known as well.
    assert read_meanwhile(lease, change_of("after")) == ALL


def test_a_change_that_leaves_another_pending_is_one_and_so_is_the_other(
    cached: RedisServer,
) -> None:
    lease = current_lease()
    assert lease
    names = ["thing"]
    assert invalidation._begin(names, "one")
    assert invalidation._begin(names, "two")
    ends = [partial(invalidation._end, names, name, begun=True) for name in ("one", "two")]
    # Still pending, then ended: both are changes since it was read.
    assert read_meanwhile(lease, ends[0]) == [Entry(MISS), ALL[1]]
    assert read_meanwhile(lease, ends[1]) == [Entry(MISS), ALL[1]]
    assert read_meanwhile(lease) == ALL


def test_what_was_read_while_a_change_is_pending_is_not_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    with transaction.atomic():
        invalidate("thing", "count")
        # As another process would, which is in no transaction.
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(read_meanwhile, lease).result()
        assert found == [Entry(MISS), Entry(HIT, b"", [None, b"true"])]


def test_what_redis_is_told_too_late_is_not_stored(cached: RedisServer) -> None:
    lease = current_lease()
    assert lease
    # A mark that was made when the lease was taken has run out by now.
    late = replace(lease, redis_time=lease.redis_time - PENDING_TTL_MS)
    assert read_meanwhile(late) == NOTHING
    assert read_meanwhile(lease) == ALL


def claimed(lease: Lease, *leaves: str) -> list[Entry]:
    """Return what is cached of one entry, and these leaves."""
    found = claim(lease, [(REGION, "key")], leaves)
    assert found
    return found.found
