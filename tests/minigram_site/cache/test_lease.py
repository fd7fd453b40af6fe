"""Whatever happens to Redis: no answer is wrong, and it is used again afterwards."""

from __future__ import annotations

import time

import pytest
from django.db import InterfaceError, connection, transaction

from minigram_site.cache import invalidation, lease
from minigram_site.cache.lease import current_lease
from minigram_site.cache.models import CacheState
from minigram_site.cache.state import TABLE
from minigram_site.redis import client
from tests.caching import Source, eventually
from tests.redis_server import RedisServer

pytestmark = pytest.mark.slow


@pytest.fixture
def source(redis_site: RedisServer) -> Source:
    """Return a source whose value is in a cache that the site uses."""
    source = Source()
    wait_until_cached(source)
    return source


def wait_until_cached(source: Source) -> None:
    """Wait until the value comes from the cache (again)."""

    def from_cache() -> bool:
        asked = source.asked
        return source.read() == source.read() == source.value and source.asked <= asked + 1

    eventually(lambda: current_lease() and from_cache())


def state() -> str:
    return str(CacheState.objects.get().state)


def test_a_redis_is_used_once_every_process_has_had_time_to_see_it(redis_site: RedisServer) -> None:
    started = time.monotonic()
    assert current_lease() is None
    eventually(lambda: current_lease() is not None)
    assert time.monotonic() - started > lease.LEASE_SECONDS + lease.WARMING_SECONDS
    assert state() == "on"


def test_a_killed_redis_costs_the_cache_and_nothing_else(
    source: Source, own_redis: RedisServer
) -> None:
    own_redis.kill()
    try:
        assert source.read() == b"one"
        source.change(b"two")
        assert source.read() == b"two"
        assert state() == "off"
    finally:
        own_redis.start()
    wait_until_cached(source)
    assert source.read() == b"two"


def test_a_frozen_redis_that_goes_on_tells_nothing_stale(
    source: Source, own_redis: RedisServer
) -> None:
    own_redis.freeze()
    try:
        source.change(b"two")
    finally:
        own_redis.resume()
    assert source.read() == b"two"
    wait_until_cached(source)
    assert source.read() == b"two"


def test_a_change_that_redis_was_not_told_of_waits_for_all_leases(
    source: Source, own_redis: RedisServer
) -> None:
    own_redis.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        started = time.monotonic()
        source.change(b"two")
        assert time.monotonic() - started > lease.LEASE_SECONDS
        assert (state(), source.read()) == ("off", b"two")
        started = time.monotonic()
        eventually(lambda: lease.lease_for_write().state == "off")
        time.sleep(lease.LEASE_SECONDS)
        source.change(b"three")
        assert time.monotonic() - started < 3 * lease.LEASE_SECONDS
    finally:
        own_redis.ask("CONFIG", "SET", "maxmemory", "0")
    wait_until_cached(source)
    assert source.read() == b"three"


ALLOW = "ACL SETUSER default +@all"
# What makes Redis answer with errors, and what ends that.
REFUSALS = {
    "reads": ("ACL SETUSER default -@read", ALLOW),
    "writes": ("ACL SETUSER default -@write", ALLOW),
    "scripts": ("ACL SETUSER default -@scripting", ALLOW),
    "out of memory": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    "read only": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("begun", [False, True], ids=["before the mark", "after the mark"])
def test_whatever_redis_refuses_no_change_is_hidden(
    source: Source,
    own_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    refusal: str,
    *,
    begun: bool,
) -> None:
    monkeypatch.setattr(invalidation, "PENDING_TTL_MS", 1000)
    refuse, allow = map(str.split, REFUSALS[refusal])
    try:
        with transaction.atomic():
            source.value = b"two"
            if not begun:
                own_redis.ask(*refuse)
            invalidation.invalidate("thing")
            own_redis.ask(*refuse)
        # What ends a mark awaits no answer: nothing is used under the mark.
        assert (state(), source.read()) == ("on" if begun else "off", b"two")
    finally:
        own_redis.ask(*allow)
    wait_until_cached(source)
    assert source.read() == b"two"


def test_leases_on_a_generation_that_went_on_meanwhile_are_waited_for(
    redis_site: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(lease, "_sleep_until", waits.append)
    CacheState.objects.create(state="off", generation="one")
    for _ in range(2):
        # Another process had switched it off long before this one found it so.
        lease.revoke_and_wait()
    CacheState.objects.update(state="on", generation="two")
    lease.revoke_and_wait()
    assert waits[0] == waits[1] < waits[2]


def test_only_the_first_of_many_changes_waits(source: Source, own_redis: RedisServer) -> None:
    own_redis.kill()
    try:
        started = time.monotonic()
        with transaction.atomic():
            for number in range(20):
                invalidation.invalidate(f"thing{number}")
        assert lease.LEASE_SECONDS < time.monotonic() - started < 3 * lease.LEASE_SECONDS
    finally:
        own_redis.start()


def test_what_a_redis_has_saved_over_its_restart_is_not_used(
    source: Source, own_redis: RedisServer
) -> None:
    own_redis.ask("SAVE")
    own_redis.kill()
    source.value = b"two"
    own_redis.start()
    assert own_redis.ask("DBSIZE")
    assert source.read() == b"two"
    wait_until_cached(source)
    assert source.read() == b"two"
    own_redis.ask("FLUSHALL")
    own_redis.ask("SAVE")


def test_without_the_row_the_cache_is_used_no_longer_than_a_lease(source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} RENAME TO elsewhere")
    try:
        eventually(lambda: current_lease() is None, lease.LEASE_SECONDS + 1)
        assert source.read() == b"one"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE elsewhere RENAME TO {TABLE}")
    eventually(lambda: current_lease() is not None)


def test_a_command_that_changes_very_much_switches_the_cache_off(source: Source) -> None:
    with transaction.atomic():
        invalidation.invalidate_all()
        source.value = b"two"
    assert state() == "off"
    assert source.read() == b"two"
    wait_until_cached(source)


def test_a_command_that_fails_leaves_the_cache_on(source: Source) -> None:
    with transaction.atomic():
        invalidation.invalidate_all()
        transaction.set_rollback(True)
    assert state() == "on"


def test_a_frozen_redis_delays_one_read(source: Source, own_redis: RedisServer) -> None:
    own_redis.freeze()
    try:
        source.read()
        started = time.monotonic()
        for _ in range(100):
            source.read()
        assert time.monotonic() - started < 0.5
    finally:
        own_redis.resume()
    eventually(lambda: not client.breaker_is_open())


def test_the_renewer_outlives_whatever_goes_wrong(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise InterfaceError("the connection is closed")

    monkeypatch.setattr(lease.LeaseRenewer, "renew", broken)
    eventually(lambda: current_lease() is None)
    monkeypatch.undo()
    eventually(lambda: current_lease() is not None)
