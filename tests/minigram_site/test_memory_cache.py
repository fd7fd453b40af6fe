"""What a process keeps in its memory is bounded in bytes, whatever clients send."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.signing import Signer
from rest_framework_simplejwt.tokens import AccessToken

from accounts.api.authentication import KEPT_TOKENS, bearer
from minigram_site.db import compiled
from minigram_site.db.instrumentation import classify
from minigram_site.memory_cache import BoundedCache, remember_short
from minigram_site.web.read_your_writes import verified_lsn
from minigram_site.web.throttling.addresses import _network
from photos.api import json_fragments
from photos.cards import read_rows

MEGABYTE = 2**20


def kept_by(call: Callable[[], Any]) -> int:
    """Return the bytes that are still in use after a call and were not before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_the_oldest_values_go_first() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(100, len)
    for number in range(4):
        cache.put(number, bytes(40))
    assert [cache.get(number) is not None for number in range(4)] == [False, False, True, True]
    assert (cache.bytes, len(cache)) == (80, 2)


def test_a_value_that_is_put_again_counts_once_and_is_new() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(100, len)
    for key, size in (("old", 30), ("new", 30), ("old", 50), ("last", 40)):
        cache.put(key, bytes(size))
    assert (cache.get("new"), cache.bytes) == (None, 90)


def test_a_value_larger_than_the_cache_is_not_kept() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(100, len)
    cache.put("large", bytes(101))
    assert (cache.get("large"), cache.bytes, len(cache)) == (None, 0, 0)


def test_threads_do_not_lose_count() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)

    def fill(first: int) -> None:
        for number in range(first, first + 2000):
            cache.put(number % 37, bytes(number % 90))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fill, range(8)))
    assert cache.bytes == sum(len(cache.get(key) or b"") for key in range(37)) <= 1000


def test_only_short_arguments_are_remembered() -> None:
    asked: list[str] = []

    @remember_short(entries=2, longest=4)
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert [upper(text) for text in ("abcd", "abcd", "abcde", "abcde")][1:3] == ["ABCD", "ABCDE"]
    assert asked == ["abcd", "abcde", "abcde"]


@pytest.mark.parametrize(
    ("function", "prefix"),
    [
        (_network, "203.0.113.5 "),
        (verified_lsn, ""),
        (lambda text: verified_lsn(Signer(salt="x").sign(text)), ""),
        (classify, "WITH page AS (SELECT 1) SELECT "),
    ],
)
def test_long_texts_of_clients_are_not_kept(function: Callable[[str], Any], prefix: str) -> None:
    numbers = range(1000, 1300)
    assert kept_by(lambda: [function(prefix + str(n) * 5000) for n in numbers]) < MEGABYTE / 4


def test_a_process_keeps_so_many_bytes_of_tokens_at_the_most() -> None:
    tokens = [AccessToken() for _ in range(101)]
    for number, token in enumerate(tokens):
        token.payload |= {"user_id": str(10**15 + number), "sid": str(10**16), "v": 1}
    first, *others = map(str, tokens)
    bearer(f"Bearer {first}")
    assert kept_by(lambda: [bearer(f"Bearer {token}") for token in others]) / 100 < 4000
    assert 4000 * KEPT_TOKENS < 16 * MEGABYTE


@pytest.mark.django_db
def test_so_many_bytes_of_sql_are_kept_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled._compiled, "max_bytes", 20_000)
    for number in range(1, 20):
        assert read_rows(list(range(number)), None) == []
    assert 0 < compiled._compiled.bytes <= 20_000


def test_so_many_bytes_of_photos_are_kept_at_the_most() -> None:
    captions = (bytes([number % 256]) * 8000 for number in range(4000))
    kept: BoundedCache[Any, Any] = BoundedCache(
        json_fragments.MAX_BYTES, json_fragments._fragments._size_of
    )
    for number, caption in enumerate(captions):
        kept.put((number, "http://testserver"), (("1", "2"), caption))
    assert kept.bytes <= json_fragments.MAX_BYTES == 16 * MEGABYTE
