"""Fixtures for tests with a real Redis (``tests/conftest.py`` imports them), and what they read."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction

from minigram_site.cache import lease
from minigram_site.cache.invalidation import invalidate
from minigram_site.cache.models import CacheState
from minigram_site.cache.read_through import get_or_build
from minigram_site.cache.state import ON
from minigram_site.cache.store import Region
from minigram_site.cache.writer import Writer
from minigram_site.redis import client
from tests.redis_server import RedisServer

REGION = Region("test")


class Source:
    """Stands for a table: counts how often it is asked."""

    def __init__(self) -> None:
        self.value = b"one"
        self.asked = 0
        self.pause = 0.0

    def build(self, writer: Writer) -> bytes:
        writer.depends_on("thing")
        self.asked += 1
        body = self.value
        time.sleep(self.pause)
        writer.store(REGION, "key", body, ["thing"])
        return body

    def read(self) -> bytes:
        return get_or_build(REGION, "key", self.build).body

    def change(self, value: bytes) -> None:
        with transaction.atomic():
            invalidate("thing")
            self.value = value


@pytest.fixture(scope="session")
def own_redis() -> Iterator[RedisServer]:
    """Start a server that the tests of this process share."""
    server = RedisServer()
    yield server
    server.close()


def use_redis(settings: Any, url: str, timeout: float = 1.0) -> None:
    """Let the site use the Redis at ``url``; ``timeout`` in seconds."""
    settings.REDIS_URL = url
    settings.CACHES = {
        "default": {
            "BACKEND": "minigram_site.redis.backend.Cache",
            "LOCATION": url,
            "OPTIONS": {
                "CONNECTION_POOL_CLASS": "minigram_site.redis.client.Pool",
                "SOCKET_CONNECT_TIMEOUT": 0.05,
                # Longer than on a site: many tests share the machine.
                "SOCKET_TIMEOUT": timeout,
            },
        }
    }
    client.reset()


@pytest.fixture
def redis_client(own_redis: RedisServer, settings: Any) -> Iterator[RedisServer]:
    """Let the site have an empty Redis, without a database and without a lease on the cache."""
    own_redis.ask("FLUSHALL")
    use_redis(settings, own_redis.url)
    yield own_redis
    client.reset()
    caches["default"].close()


@pytest.fixture
def redis_site(
    own_redis: RedisServer, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RedisServer]:
    """Let the site have a Redis that it does not use yet, with times five times shorter."""
    own_redis.ask("FLUSHALL")
    for name, seconds in {
        "RENEW_SECONDS": 0.05,
        "LEASE_SECONDS": 0.4,
        "WARMING_SECONDS": 0.6,
    }.items():
        monkeypatch.setattr(lease, name, seconds)
    use_redis(settings, own_redis.url)
    lease.stop()
    yield own_redis
    lease.stop()
    caches["default"].close()


@pytest.fixture
def cached(redis_site: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Let the site use its Redis, also if this machine is very busy."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 20)
    client.probe()
    CacheState.objects.create(state=ON, generation=secrets.token_hex(4), run_id=client.run_id())
    eventually(lambda: lease.current_lease() is not None)
    return redis_site


def eventually(claim: Callable[[], object], seconds: float = 5) -> None:
    """Wait until ``claim`` is true."""
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, "It did not come true in time."
        time.sleep(0.01)
