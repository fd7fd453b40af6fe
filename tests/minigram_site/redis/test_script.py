"""Lua scripts: sent by hash, and in full to a Redis that does not know them."""

from __future__ import annotations

from pathlib import Path

import pytest

from minigram_site.redis import client
from minigram_site.redis.script import Script
from tests.redis_server import RedisServer


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Return a script of two files that writes what it was given, and returns it."""
    add, store = tmp_path / "add.lua", tmp_path / "store.lua"
    add.write_text("local function add(number) return number + STEP end\n")
    store.write_text("redis.call('SET', KEYS[1], add(ARGV[1])); return redis.call('GET', KEYS[1])")
    return Script(add, store, STEP=3)


def test_files_and_constants_are_one_script(redis_client: RedisServer, script: Script) -> None:
    assert script(["key"], 4) == b"7"


def test_a_redis_that_lost_its_scripts_learns_them_again(
    redis_client: RedisServer, script: Script
) -> None:
    script(["key"], 4)
    redis_client.ask("SCRIPT", "FLUSH")
    assert script(["key"], 5) == b"8"


def test_an_unawaited_script_is_sent_in_full_at_first(
    redis_client: RedisServer, script: Script
) -> None:
    client.call("PING")
    first, second = script.command(["key"], 4), script.command(["key"], 5)
    assert (first[0], second[0]) == ("EVAL", "EVALSHA")
    client.send([first, second])
    assert client.call("GET", "key") == b"8"
