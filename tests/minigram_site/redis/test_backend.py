"""Django's cache on Redis, which goes on in each process while Redis is gone."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from minigram_site.redis import client
from tests.caching import eventually
from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def short_rest(monkeypatch: pytest.MonkeyPatch, redis_client: RedisServer) -> None:
    """Let the first caller after 50 ms probe; no thread renews a lease here."""
    monkeypatch.setattr(client, "REST_SECONDS", 0.05)
    client.reset()


def test_rate_limits_go_on_counting_without_redis(redis_client: RedisServer) -> None:
    cache.set("tries", [1])
    redis_client.kill()
    try:
        assert cache.get("tries", []) == []
        cache.set("tries", [1, 2])
        assert cache.get("tries") == [1, 2]
    finally:
        redis_client.start()


def test_a_redis_that_comes_back_is_used_again(redis_client: RedisServer) -> None:
    redis_client.kill()
    try:
        cache.set("tries", [1])
    finally:
        redis_client.start()
    eventually(lambda: cache.get("tries") is None)
