"""A Redis behind Sentinels: the site finds the primary, and follows when it is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import cache

from infra.doctor import the_cache
from infra.doctor.findings import Findings
from minigram_site import cache_url
from minigram_site.redis import client
from minigram_site.redis.client import Unreachable
from tests.redis_sentinels import Watched

pytestmark = pytest.mark.slow


@pytest.fixture
def watched(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Let the site have a Redis that Sentinels watch, and try again at once after failures."""
    monkeypatch.setattr(client, "REST_SECONDS", 0.0)
    servers = Watched()
    found = cache_url.parse(servers.url)
    settings.REDIS_URL = cache_url.redis_url(found)
    settings.CACHES = {"default": cache_url.django_settings(found)}
    options = settings.CACHES["default"]["OPTIONS"]
    # Longer than on a site: many tests share the machine.
    patient = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}
    options |= {name.upper(): seconds for name, seconds in patient.items()}
    options["SENTINEL_KWARGS"] |= patient
    client.reset()
    try:
        yield servers
    finally:
        client.reset()
        cache.close()
        servers.close()


def written(key: str, value: str) -> bool:
    """Tell whether a write was taken."""
    with suppress(Unreachable):
        return bool(client.call("SET", key, value))
    return False


def said(what: str) -> tuple[str, str]:
    """Return what the doctor says of something."""
    found = Findings()
    the_cache.works(found)
    return next((row.state, row.detail) for row in found.rows if row.what == what)


def test_the_site_follows_to_the_one_that_was_promoted(watched: Watched) -> None:
    watched.wait(lambda: written("before", "1"))
    first = client.run_id()
    assert watched.ask(watched.primary, "GET", "before") == b"1"
    cache.set("counted", 1)
    assert said("Sentinels") == ("ok", f"3 of 3 answer, the primary is 127.0.0.1:{watched.primary}")

    watched.kill(watched.primary)
    # Django's cache goes on meanwhile, in the memory of the process.
    cache.set("counted", 2)
    assert cache.get("counted") == 2
    watched.wait(lambda: watched.is_primary(watched.replica))
    watched.wait(lambda: written("after", "1"))
    assert watched.ask(watched.replica, "GET", "after") == b"1"
    # Another run: what it holds is none of what the site had agreed on.
    assert client.run_id() != first
    cache.set("counted", 3)
    assert cache.get("counted") == 3


def test_sentinels_that_are_gone_are_passed_over_and_told_of(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.kill(watched.sentinels[0])
    watched.wait(lambda: written("key", "1"))
    assert said("Sentinels") == ("warning", "2 of 3 answer")
    for port in watched.sentinels[1:]:
        watched.kill(port)
    # Whoever is connected goes on; only new connections have nobody to ask.
    assert written("key", "2")
    client.reset()
    assert not written("key", "3")
    assert "going without it: no Sentinel that answers knows a primary that is well" in caplog.text
    assert said("Sentinels")[0] == "problem"
