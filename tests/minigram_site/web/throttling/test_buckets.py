"""Token buckets: all at once, then evenly; in Redis as in the memory of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from minigram_site.redis import client
from minigram_site.web.throttling import buckets
from minigram_site.web.throttling.buckets import Bucket, take
from tests.redis_server import RedisServer

Where = Callable[[], None]


@pytest.fixture(params=["in memory", "in Redis"])
def somewhere(request: pytest.FixtureRequest) -> None:
    """Keep buckets in this process, or in a Redis."""
    if request.param == "in Redis":
        request.getfixturevalue("redis_client")


def taken(*wanted: Bucket, times: int) -> list[float]:
    """Take so many times; return for how long each was told to wait."""
    return [take(wanted).wait for _ in range(times)]


@pytest.mark.usefixtures("somewhere")
def test_a_full_bucket_is_emptied_at_once_and_then_one_has_to_wait() -> None:
    waits = taken(Bucket("b", 300, 86400), times=302)
    assert waits[:300] == [0] * 300
    assert waits[300] == pytest.approx(86400 / 300, abs=5)
    assert waits[301] == pytest.approx(86400 / 300, abs=5)


@pytest.mark.usefixtures("somewhere")
def test_who_waits_as_long_as_told_is_let_through() -> None:
    bucket = Bucket("b", 1, 1)
    assert take([bucket]).wait == 0
    wait = take([bucket]).wait
    assert 0 < wait <= 1
    threading.Event().wait(wait + 0.01)
    assert take([bucket]).wait == 0


@pytest.mark.usefixtures("somewhere")
def test_of_two_buckets_none_is_taken_from_where_one_is_empty() -> None:
    small, large = Bucket("s", 2, 3600), Bucket("l", 9, 3600)
    assert [bool(wait) for wait in taken(small, large, times=4)] == [False, False, True, True]
    assert take([large]).until_full == [pytest.approx(3 * 400, abs=5)]


@pytest.mark.usefixtures("redis_client")
def test_threads_together_get_no_more_than_there_is() -> None:
    found: list[float] = []

    def run() -> None:
        found.extend(taken(Bucket("b", 20, 3600), times=10))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not wait for wait in found) == 20


def test_a_process_goes_on_counting_while_redis_is_gone(redis_client: RedisServer) -> None:
    redis_client.kill()
    try:
        assert [bool(wait) for wait in taken(Bucket("b", 2, 3600), times=3)] == [False, False, True]
    finally:
        redis_client.start()
        client.reset()


def test_a_process_forgets_the_buckets_that_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: Any = buckets._full_at
    monkeypatch.setattr(buckets, "_MOST_KEPT", 10)
    take([Bucket("in use", 2, 3600)])
    for number in range(30):
        take([Bucket(f"other {number}", 1_000_000, 1)])
    assert len(kept) <= 11
    assert [bool(wait) for wait in taken(Bucket("in use", 2, 3600), times=2)] == [False, True]
