"""LSNs of accounts in Redis, for sites on several machines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from minigram_site.db.lsn_redis import KEY, TIDY_EVERY, TTL_SECONDS, UNKNOWN, LsnStore, shared_store
from minigram_site.redis import agreement, client
from minigram_site.redis.agreement import Agreement
from tests.caching import eventually, use_redis
from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the breaker try again at once."""
    monkeypatch.setattr(client, "REST_SECONDS", 0.0)


def agree(generation: str = "first", *, is_on: bool = True, seconds: float = 60) -> None:
    """Let all processes of the site have agreed on the run of Redis that is there now."""
    client.probe()
    until = time.monotonic() + seconds
    agreement.note(Agreement(generation, client.run_id(), is_on=is_on, until=until))


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let no test know what another had agreed on."""
    yield
    agreement.note(agreement.NONE)


@pytest.fixture
def here(redis_client: RedisServer) -> LsnStore:
    """Return the store as one machine has it; the primary is at 100."""
    agree()
    store = LsnStore()
    store.required_lsn(1, lambda: 100)
    return store


def test_another_machine_knows_who_wrote(here: LsnStore) -> None:
    here.record_write(7, 150, 0)
    there = LsnStore()
    assert there.required_lsn(7, lambda: 999) == 150
    assert there.required_lsn(8, lambda: 999) == 100


def test_the_highest_lsn_holds(here: LsnStore) -> None:
    for lsn in (150, 170, 160):
        here.record_write(7, lsn, 0)
    assert here.required_lsn(7, lambda: 999) == 170


def test_after_a_flush_nothing_is_taken_for_granted(
    here: LsnStore, redis_client: RedisServer
) -> None:
    here.record_write(7, 150, 0)
    redis_client.ask("FLUSHALL")
    here.record_write(8, 180, 0)
    assert here.required_lsn(7, lambda: 200) == UNKNOWN
    assert here.required_lsn(7, lambda: 999) == 200


def test_without_redis_nothing_is_known(settings: Any) -> None:
    use_redis(settings, "unix:///nonexistent/redis.sock?db=0")
    try:
        assert LsnStore().required_lsn(7, lambda: 1) == UNKNOWN
    finally:
        client.reset()


def test_a_write_that_failed_holds_for_everybody_later(
    here: LsnStore, redis_client: RedisServer
) -> None:
    redis_client.ask("ACL", "SETUSER", "default", "-zadd")
    try:
        here.record_write(7, 500, 0)
    finally:
        redis_client.ask("ACL", "SETUSER", "default", "+zadd")
    assert here.required_lsn(8, lambda: 999) == 500


def test_a_redis_that_comes_back_is_asked_again(here: LsnStore, redis_client: RedisServer) -> None:
    redis_client.kill()
    try:
        here.record_write(7, 500, 0)
        assert here.required_lsn(7, lambda: 999) == UNKNOWN
    finally:
        redis_client.start()
    # Another run: what it holds counts once all processes have agreed on it.
    eventually(lambda: client.call("PING"))
    assert here.required_lsn(7, lambda: 600) == UNKNOWN
    agree("second")
    # An empty server, which gets its floor from the primary.
    assert here.required_lsn(7, lambda: 600) == UNKNOWN
    eventually(lambda: here.required_lsn(7, lambda: 999) == 600)


def test_what_every_replica_has_is_deleted(here: LsnStore, redis_client: RedisServer) -> None:
    for user_id in range(TIDY_EVERY):
        here.record_write(user_id, 200 + user_id, 350)
    assert redis_client.number("ZCARD", f"{KEY}first") <= TIDY_EVERY - 150 + 1
    assert here.required_lsn(3, lambda: 999) == 350


def test_what_a_former_generation_knew_is_not_relied_upon(
    here: LsnStore, redis_client: RedisServer
) -> None:
    """As where a replica of Redis was made the primary without the newest writes."""
    here.record_write(7, 150, 0)
    redis_client.ask("ZREM", f"{KEY}first", "7")
    assert here.required_lsn(7, lambda: 999) == 100
    agree("second")
    assert here.required_lsn(7, lambda: 180) == UNKNOWN
    assert here.required_lsn(7, lambda: 999) == 180
    assert 0 < redis_client.number("TTL", f"{KEY}second") <= TTL_SECONDS


def test_a_generation_that_not_all_know_of_is_told_and_not_relied_upon(here: LsnStore) -> None:
    agree("second", is_on=False)
    here.record_write(7, 500, 0)
    assert here.required_lsn(7, lambda: 400) == UNKNOWN
    agree("second")
    assert here.required_lsn(8, lambda: 400) == UNKNOWN
    assert here.required_lsn(8, lambda: 999) == 400
    assert here.required_lsn(7, lambda: 999) == 500


def test_without_a_lease_everybody_reads_from_the_primary(here: LsnStore) -> None:
    agree(seconds=0)
    here.record_write(7, 500, 0)
    assert here.required_lsn(7, lambda: 999) == UNKNOWN
    agree()
    assert here.required_lsn(7, lambda: 999) == 500


@pytest.mark.parametrize(
    ("url", "several"),
    [
        ("redis://10.0.0.5:6379/0", True),
        ("rediss://redis.example.org:6380/0", True),
        # Behind Sentinels: the name that they know.
        ("redis://minigram/0", True),
        ("redis://127.0.0.1:6379/0", False),
        ("unix:///run/redis.sock?db=0", False),
        ("minigram", False),
    ],
)
def test_a_redis_on_another_machine_means_several(
    settings: Any, url: str, *, several: bool
) -> None:
    settings.CACHES = {"default": {"LOCATION": url}}
    assert (shared_store() is not None) is several
