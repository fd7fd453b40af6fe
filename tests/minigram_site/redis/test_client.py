"""The client of Redis: one failure costs one time-out, and Redis is used again by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from minigram_site.redis import client
from minigram_site.redis.client import Unreachable
from tests.caching import eventually
from tests.redis_server import RedisServer


@pytest.fixture
def short_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first caller after 50 ms probe; no thread renews a lease here."""
    monkeypatch.setattr(client, "REST_SECONDS", 0.05)
    client.reset()


def answers() -> bool:
    with suppress(Unreachable):
        return bool(client.call("ECHO", "x") == b"x")
    return False


def test_a_frozen_redis_is_waited_for_once_and_then_left_alone(redis_client: RedisServer) -> None:
    assert answers()
    redis_client.freeze()
    try:
        assert not answers()
        started = time.monotonic()
        for _ in range(100):
            assert not answers()
        assert time.monotonic() - started < 0.5
    finally:
        redis_client.resume()


@pytest.mark.parametrize("refused", ["@read", "@write", "@scripting"])
def test_a_redis_that_refuses_what_the_site_needs_is_not_well(
    redis_client: RedisServer, refused: str
) -> None:
    assert client.probe()
    redis_client.ask("ACL", "SETUSER", "default", f"-{refused}")
    try:
        with pytest.raises(Unreachable):
            client.probe()
    finally:
        redis_client.ask("ACL", "SETUSER", "default", "+@all")
    assert client.probe()


@pytest.mark.usefixtures("short_rest")
def test_a_redis_that_comes_back_is_found_without_a_thread(redis_client: RedisServer) -> None:
    assert answers()
    redis_client.kill()
    try:
        assert not answers()
        time.sleep(0.1)
        assert not answers()
    finally:
        redis_client.start()
    eventually(answers)
    assert not client.breaker_is_open()


@pytest.mark.usefixtures("short_rest")
def test_one_of_many_callers_probes(
    redis_client: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Sequence[client.Command]] = []

    def fail(commands: Sequence[client.Command], *, wait: bool = True) -> list[Any]:
        sent.append(commands)
        time.sleep(0.2)
        raise ConnectionError

    client.open_breaker(ConnectionError())
    time.sleep(0.1)
    monkeypatch.setattr(client, "_send", fail)
    with ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(lambda _: answers(), range(16)))
    assert len(sent) == 1


@pytest.mark.usefixtures("short_rest")
def test_a_redis_that_reads_but_cannot_write_stays_unused(redis_client: RedisServer) -> None:
    redis_client.ask("ACL", "SETUSER", "default", "-set")
    try:
        with pytest.raises(Unreachable):
            client.call("SET", "x", "1")
        time.sleep(0.1)
        assert not answers()
    finally:
        redis_client.ask("ACL", "SETUSER", "default", "+set")
    eventually(answers)


def test_the_answers_of_unawaited_commands_are_not_taken_for_others(
    redis_client: RedisServer,
) -> None:
    client.send([("ECHO", "a"), ("ECHO", "b")])
    assert answers()


def test_an_unawaited_command_that_failed_opens_the_breaker(redis_client: RedisServer) -> None:
    client.send([("NO-SUCH-COMMAND",)])
    assert not answers()
    assert client.breaker_is_open()


def test_a_forked_process_has_a_connection_and_a_breaker_of_its_own(
    redis_client: RedisServer,
) -> None:
    assert answers()
    client.open_breaker(ConnectionError())
    pid = os.fork()
    if pid == 0:
        os._exit(0 if answers() else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert client.breaker_is_open()
