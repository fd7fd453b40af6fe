"""The addresses of ``CACHE_URL``, above all those of Sentinels."""

from __future__ import annotations

from typing import Any

import pytest

from minigram_site import cache_url


@pytest.mark.parametrize(
    ("url", "location", "sentinels"),
    [
        ("redis+sentinel://a/minigram", "redis://minigram/0", [("a", 26379)]),
        (
            "redis+sentinel://a.example:1,10.0.0.2:26380,[fd00::3]/mini.gram-1/2",
            "redis://mini.gram-1/2",
            [("a.example", 1), ("10.0.0.2", 26380), ("fd00::3", 26379)],
        ),
        ("redis+sentinel://:p%40ss@a/minigram", "redis://:p%40ss@minigram/0", [("a", 26379)]),
        ("redis+sentinel://me:p:w@a/minigram", "redis://me:p%3Aw@minigram/0", [("a", 26379)]),
    ],
)
def test_the_addresses_of_sentinels_are_read(
    url: str, location: str, sentinels: list[tuple[str, int]]
) -> None:
    found = cache_url.parse(url)
    assert (cache_url.redis_url(found), found["SENTINELS"]) == (location, sentinels)
    settings = cache_url.django_settings(found)
    assert settings["LOCATION"] == location
    assert settings["OPTIONS"]["SENTINELS"] == sentinels


def test_sentinels_may_have_a_password_of_their_own() -> None:
    found = cache_url.parse("redis+sentinel://:a@h/minigram?sentinel_password=b%26c")
    options: dict[str, Any] = cache_url.django_settings(found)["OPTIONS"]
    assert options["SENTINEL_KWARGS"]["password"] == "b&c"


def test_one_redis_is_asked_as_before() -> None:
    options = cache_url.django_settings(cache_url.parse("redis://:s@10.0.0.5:6379/1"))["OPTIONS"]
    assert "SENTINELS" not in options
    assert options["CONNECTION_POOL_CLASS"] == "minigram_site.redis.client.Pool"


@pytest.mark.parametrize("url", ["redis+sentinel://:secret@h:x/minigram", "pigeon://:secret@h"])
def test_a_message_repeats_no_password(url: str) -> None:
    with pytest.raises(cache_url.UnusableAddress) as refused:
        cache_url.parse(url)
    assert "secret" not in str(refused.value)
    assert cache_url.FORM in str(refused.value)
