"""Positions of people in Redis, for sites on several machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from minigram_site.db import lsn_redis
from minigram_site.db.lsn_redis import KEY, TIDY_EVERY, UNKNOWN, LsnStore, shared_store
from tests.redis_server import RedisServer


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    """Run a Redis."""
    server = RedisServer()
    yield str(server.socket)
    server.close()


@pytest.fixture
def redis(socket: str) -> Any:
    client = Redis(unix_socket_path=socket)
    client.flushall()
    return client


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a busy machine time to answer, and do not rest."""
    monkeypatch.setattr(lsn_redis, "TIMEOUT_SECONDS", 5.0)
    monkeypatch.setattr(lsn_redis, "REST_SECONDS", 0.0)


@pytest.fixture
def here(socket: str, redis: Any) -> LsnStore:
    """Return the positions as one machine sees them; the primary is at 100."""
    positions = LsnStore(f"unix://{socket}")
    positions.needed_by(1, lambda: 100)
    return positions


def test_another_machine_knows_who_wrote(here: LsnStore, socket: str) -> None:
    here.remember(7, 150, settled=0)
    there = LsnStore(f"unix://{socket}")
    assert there.needed_by(7, lambda: 999) == 150
    assert there.needed_by(8, lambda: 999) == 100


def test_the_highest_position_holds(here: LsnStore) -> None:
    for position in (150, 170, 160):
        here.remember(7, position, settled=0)
    assert here.needed_by(7, lambda: 999) == 170


def test_after_a_flush_nothing_is_taken_for_granted(here: LsnStore, redis: Any) -> None:
    here.remember(7, 150, settled=0)
    redis.flushall()
    here.remember(8, 180, settled=0)
    assert here.needed_by(7, lambda: 200) == UNKNOWN
    assert here.needed_by(7, lambda: 999) == 200


def test_without_redis_nothing_is_known() -> None:
    assert LsnStore("unix:///nonexistent/redis.sock").needed_by(7, lambda: 1) == UNKNOWN


def test_what_could_not_be_remembered_holds_for_everybody_later(
    here: LsnStore, redis: Any, socket: str
) -> None:
    redis.acl_setuser("default", enabled=True, commands=["-zadd"])
    here.remember(7, 500, settled=0)
    redis.acl_setuser("default", enabled=True, commands=["+zadd"])
    assert here.needed_by(8, lambda: 999) == 500


def test_what_every_replica_has_is_thrown_away(here: LsnStore, redis: Any) -> None:
    for person in range(TIDY_EVERY):
        here.remember(person, 200 + person, settled=350)
    assert redis.zcard(KEY) <= TIDY_EVERY - 150 + 1
    assert here.needed_by(3, lambda: 999) == 350


@pytest.mark.parametrize(
    ("url", "several"),
    [
        ("redis://10.0.0.5:6379/0", True),
        ("rediss://redis.example.org:6380/0", True),
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
