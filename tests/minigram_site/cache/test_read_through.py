"""Read-through: what is stored, and one client that builds it for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from minigram_site.cache import read_through
from minigram_site.cache.lease import current_lease
from minigram_site.cache.store import Region
from minigram_site.cache.writer import Writer
from tests.caching import Source
from tests.redis_server import RedisServer


@pytest.fixture
def source(cached: RedisServer) -> Source:
    return Source()


def test_what_was_read_once_is_stored(source: Source) -> None:
    assert [source.read(), source.read(), source.read()] == [b"one"] * 3
    assert source.asked == 1


def test_a_flushed_redis_is_a_miss(source: Source, cached: RedisServer) -> None:
    source.read()
    cached.ask("FLUSHALL")
    assert (source.read(), source.asked) == (b"one", 2)


@pytest.mark.slow
def test_a_thousand_clients_of_one_missing_entry_build_it_once(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.pause = 0.05
    # Not because they need to wait that long, but because this machine may be busy.
    monkeypatch.setattr(read_through, "WAIT_SECONDS", 10)
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: _answer(source), range(1000)))
    assert set(answers) == {b"one"}
    assert source.asked == 1


def test_a_thousand_clients_of_one_stale_entry_rebuild_it_once_and_nobody_waits(
    source: Source,
) -> None:
    writer = Writer(current_lease())
    writer.depends_on("thing")
    writer.store(Region("test", soft_ttl=0), "key", b"old", ["thing"])
    source.value, source.pause = b"new", 0.05
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: _answer(source), range(1000)))
    assert set(answers) == {b"old", b"new"}
    assert source.asked == 1


def test_a_redis_that_forgot_its_scripts_learns_them_again(
    source: Source, cached: RedisServer
) -> None:
    source.read()
    cached.ask("SCRIPT", "FLUSH")
    source.change(b"two")
    # What is told meanwhile is lost, and the next time it is not.
    assert [source.read() for _ in range(4)] == [b"two"] * 4
    assert source.asked <= 3


def test_without_a_redis_everything_is_read_from_the_database() -> None:
    source = Source()
    assert [source.read(), source.read()] == [b"one", b"one"]
    assert source.asked == 2
    assert current_lease() is None


def _answer(source: Source) -> bytes:
    try:
        return source.read()
    finally:
        connection.close()
