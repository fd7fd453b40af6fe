"""Cache-aside: what is kept, what makes it invalid, and one who makes it anew for all."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from minigram_site.cache import invalidation, read_through
from minigram_site.cache.invalidation import invalidate
from minigram_site.cache.lease import current_lease
from minigram_site.cache.read_through import get_or_build
from minigram_site.cache.store import (
    HIT,
    Entry,
    Region,
    claim,
    entry_key,
    lock_key,
    lookup,
)
from minigram_site.cache.writer import Writer
from photos import photo_cache
from social import profile_cache
from social.feed import cache
from tests.caching import KIND, Source
from tests.redis_server import RedisServer

# Milliseconds that the test itself may take.
SLOW = 1000


@pytest.fixture
def source(cached: RedisServer) -> Source:
    return Source()


def test_what_was_read_once_is_kept(source: Source) -> None:
    assert [source.read(), source.read(), source.read()] == [b"one"] * 3
    assert source.asked == 1


def test_a_change_is_seen_at_once(source: Source) -> None:
    source.read()
    source.change(b"two")
    assert source.read() == b"two"
    assert (source.read(), source.asked) == (b"two", 2)


def test_while_something_changes_nothing_is_used_or_kept(source: Source) -> None:
    source.read()
    with transaction.atomic():
        invalidate("thing")
        assert source.read() == b"one"
        assert source.read() == b"one"
    assert source.asked == 3


def test_a_change_that_is_rolled_back_costs_a_miss(source: Source) -> None:
    source.read()
    with transaction.atomic():
        invalidate("thing")
        transaction.set_rollback(True)
    assert (source.read(), source.asked) == (b"one", 2)


def test_a_change_between_reading_and_keeping_is_not_covered_up(source: Source) -> None:
    def slow(writer: Writer) -> bytes:
        writer.depends_on("thing")
        source.change(b"two")
        writer.store(KIND, "key", b"one", ["thing"])
        return b"one"

    get_or_build(KIND, "key", slow)
    assert source.read() == b"two"


def test_a_flushed_redis_knows_nothing(source: Source, cached: RedisServer) -> None:
    source.read()
    cached.ask("FLUSHALL")
    assert (source.read(), source.asked) == (b"one", 2)


def test_a_version_that_was_evicted_makes_its_entries_invalid(
    source: Source, cached: RedisServer
) -> None:
    source.read()
    reading = current_lease()
    assert reading
    cached.ask("DEL", invalidation.redis_key(reading.generation, "thing"))
    source.value = b"two"
    assert source.read() == b"two"


def test_changes_are_told_inside_a_transaction(cached: RedisServer) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        invalidate("thing")


def test_the_last_of_two_who_change_at_once_ends_it(source: Source) -> None:
    names = ["thing"]
    assert invalidation._begin(names, "one")
    assert invalidation._begin(names, "two")
    invalidation._end(names, "one", told=True)
    source.read()
    assert (source.read(), source.asked) == (b"one", 2)
    invalidation._end(names, "two", told=True)
    source.read()
    assert (source.read(), source.asked) == (b"one", 3)


def test_a_writer_that_died_is_forgotten(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    source.read()
    monkeypatch.setattr(invalidation, "PENDING_TTL_MS", 50)
    invalidation._begin(["thing"], "dead")
    time.sleep(0.1)
    assert [source.read(), source.read()] == [b"one", b"one"]
    assert source.asked == 2


@pytest.mark.slow
def test_a_thousand_clients_on_one_missing_key_make_it_once(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.pause = 0.05
    # Not because they need to wait that long, but because this machine may be busy.
    monkeypatch.setattr(read_through, "WAIT_SECONDS", 10)
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: _answer(source), range(1000)))
    assert set(answers) == {b"one"}
    assert source.asked == 1


def test_a_thousand_clients_on_one_old_key_make_it_once_and_nobody_waits(source: Source) -> None:
    writer = Writer(current_lease())
    writer.depends_on("thing")
    writer.store(Region("test", soft_ttl=0), "key", b"old", ["thing"])
    source.value, source.pause = b"new", 0.05
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: _answer(source), range(1000)))
    assert set(answers) == {b"old", b"new"}
    assert source.asked == 1


@pytest.mark.parametrize("kind", [KIND, Region("longer", soft_ttl=900, hard_ttl=600)])
def test_times_differ_from_entry_to_entry_by_a_tenth_at_most(
    cached: RedisServer, kind: Region
) -> None:
    reading, now = current_lease(), time.time() * 1000
    assert reading
    writer = Writer(reading)
    writer.depends_on("thing")
    writer.store_all(kind, [(f"key{number}", b"x", ["thing"], ()) for number in range(50)], {})
    keys = [entry_key(reading.generation, kind, f"key{number}") for number in range(50)]
    soft = [cached.number("HGET", key, "s") - now for key in keys]
    hard = [cached.number("PTTL", key) for key in keys]
    for times, seconds in ((soft, kind.soft_ttl), (hard, kind.hard_ttl)):
        assert seconds * 900 - SLOW <= min(times) < max(times) <= seconds * 1100 + SLOW
        assert max(times) - min(times) > seconds * 50


def test_what_is_shown_to_others_is_made_anew_after_a_minute() -> None:
    kinds = (
        cache.FEED,
        profile_cache.PROFILE,
        profile_cache.RELATION,
        photo_cache.PHOTO,
        photo_cache.COUNTS,
    )
    assert {(kind.soft_ttl, kind.hard_ttl) for kind in kinds} == {(60, 300)}


def test_leaves_come_with_the_entry_and_change_by_themselves(cached: RedisServer) -> None:
    reading = current_lease()
    assert reading
    writer = Writer(reading)
    writer.depends_on("thing", "count")
    writer.store(KIND, "key", b"body", ["thing"], ["count"], {"count": b"7 2"})
    found = lookup(reading, [(KIND, "key")], ["count"])
    assert found == [Entry(HIT, b"body", [b"7 2"]), Entry(HIT, b"", [b"7 2"])]
    with transaction.atomic():
        invalidate("count")
    found = lookup(reading, [(KIND, "key")], ["count", "none"])
    assert found == [Entry(HIT, b"body", [None]), Entry(HIT, b"", [None, None])]


def test_one_of_many_claims_an_entry_with_the_versions_that_it_needs(cached: RedisServer) -> None:
    reading = current_lease()
    assert reading
    first = claim(reading, [(KIND, "key")], needs=["thing"])
    second = claim(reading, [(KIND, "key")], needs=["thing"])
    assert first
    assert second
    assert (first.locked, second.locked) == (True, False)
    assert list(first.versions) == invalidation.capture_tokens(reading.generation, ["thing"])
    writer = Writer(reading, lock_key(reading, KIND, "key"))
    writer.record(first.names, first.versions)
    writer.store(KIND, "key", b"body", ["thing"])
    third = claim(reading, [(KIND, "key")], needs=["thing"])
    assert third
    assert (third.found[0].body, third.locked, cached.keys("lock:*")) == (b"body", False, [])


def test_nothing_is_claimed_where_what_comes_before_it_is_missing(cached: RedisServer) -> None:
    reading = current_lease()
    assert reading
    both = claim(reading, [(KIND, "first"), (KIND, "key")], needs=["thing"])
    assert both
    assert (both.locked, cached.keys("lock:*")) == (False, [])


def test_a_leaf_that_is_gone_is_claimed_with_its_version(cached: RedisServer) -> None:
    reading = current_lease()
    assert reading
    found = claim(reading, [], ["count"])
    assert found
    (leaves,) = found.found
    assert leaves.leaves == [None]
    writer = Writer(reading)
    writer.record(["count"], leaves.versions.values())
    writer.store_all(KIND, [], {"count": b"7 2"})
    assert lookup(reading, [], ["count"]) == [Entry(HIT, b"", [b"7 2"])]


def test_what_changed_since_the_claim_is_not_kept(source: Source) -> None:
    reading = current_lease()
    assert reading
    claimed = claim(reading, [(KIND, "key")], needs=["thing"])
    assert claimed
    source.change(b"two")
    writer = Writer(reading, lock_key(reading, KIND, "key"))
    writer.record(claimed.names, claimed.versions)
    writer.store(KIND, "key", b"one", ["thing"])
    assert source.read() == b"two"


def test_a_redis_that_forgot_its_scripts_learns_them_again(
    source: Source, cached: RedisServer
) -> None:
    source.read()
    cached.ask("SCRIPT", "FLUSH")
    source.change(b"two")
    # What is told meanwhile is lost, and the next time it is not.
    assert [source.read() for _ in range(4)] == [b"two"] * 4
    assert source.asked <= 3


def test_without_a_redis_everything_is_asked_of_the_database() -> None:
    source = Source()
    assert [source.read(), source.read()] == [b"one", b"one"]
    assert source.asked == 2
    assert current_lease() is None


def _answer(source: Source) -> bytes:
    try:
        return source.read()
    finally:
        connection.close()
