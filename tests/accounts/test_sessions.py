"""Sessions are cached, and end at once all the same."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.hashers import Argon2idHasher
from accounts.models import User
from accounts.sessions import SessionStore
from tests.factories import make_follow, make_photo, make_user
from tests.redis_server import RedisServer
from tests.social.lean import ONE_LESS, sent

Browsers = Callable[[User | None], Client]


def test_a_page_seen_again_is_one_statement(cached: RedisServer, browser_as: Browsers) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    make_follow(bob, alice)
    make_photo(alice, "From the cache")
    browser = browser_as(bob)
    browser.get("/feed/")
    with sent() as statements:
        assert "From the cache" in browser.get("/feed/").content.decode()
    # SQLite asks for what is saved in a statement of its own.
    assert len(statements) == 2 - ONE_LESS


def test_a_session_that_was_ended_is_ended_everywhere(
    cached: RedisServer, browser_as: Browsers
) -> None:
    browser = browser_as(make_user("alice"))
    assert browser.get("/feed/").status_code == 200
    copy = Client()
    copy.cookies = browser.cookies.copy()  # type: ignore[assignment]
    assert copy.get("/feed/").status_code == 200
    browser.logout()
    assert copy.get("/feed/").status_code == 302


def test_a_suspension_and_a_new_password_end_cached_sessions(
    cached: RedisServer, browser_as: Browsers
) -> None:
    ends: list[Callable[[User], None]] = [
        lambda user: services.suspend(user=user),
        lambda user: services.change_password(user=user, password="another-horse-8"),
    ]
    for end in ends:
        user = make_user()
        browser = browser_as(user)
        assert [browser.get("/feed/").status_code for _ in range(2)] == [200, 200]
        end(user)
        assert browser.get("/feed/").status_code == 302


def test_what_a_session_holds_is_seen_by_the_next_request(cached: RedisServer) -> None:
    session = SessionStore()
    session["colour"] = "red"
    session.save()
    assert SessionStore(session.session_key).get("colour") == "red"
    again = SessionStore(session.session_key)
    again["colour"] = "blue"
    again.save()
    assert SessionStore(session.session_key).get("colour") == "blue"


def test_a_session_outlives_redis(
    cached: RedisServer, own_redis: RedisServer, browser_as: Browsers
) -> None:
    browser = browser_as(make_user("alice"))
    assert browser.get("/feed/").status_code == 200
    own_redis.kill()
    try:
        assert browser.get("/feed/").status_code == 200
    finally:
        own_redis.start()


@pytest.mark.parametrize("key", ["aaaaaaaa:lock", "x" * 5000, "A" * 32, "s:1"])
def test_a_cookie_that_is_no_session_of_ours_leaves_nothing_in_redis(
    cached: RedisServer, key: str
) -> None:
    stranger = Client()
    stranger.cookies["sessionid"] = key
    stranger.get("/explore/")
    before = cached.ask("DBSIZE")
    stranger.cookies["sessionid"] = key + "x"
    stranger.get("/explore/")
    assert cached.ask("DBSIZE") == before


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["\0" * 32, "a" * 31 + "\0", "A" * 32, "ä" * 32, "x" * 5000])
def test_a_cookie_that_is_no_session_of_ours_is_never_asked_for(client: Client, key: str) -> None:
    assert SessionStore(key).session_key is None
    client.cookies["sessionid"] = key
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/login/").status_code == 200
    assert not any("django_session" in query["sql"] for query in queries)


def test_a_hash_that_is_renewed_at_log_in_keeps_the_new_session(
    cached: RedisServer, browser_as: Browsers, settings: Any
) -> None:
    alice = make_user("alice", password="correct-horse-9")
    assert browser_as(alice).get("/feed/").status_code == 200  # her account is cached
    stale = Argon2idHasher.time_cost
    try:
        Argon2idHasher.time_cost = stale + 1
        browser = Client()
        assert browser.login(username="alice", password="correct-horse-9")
        assert browser.get("/feed/").status_code == 200
    finally:
        Argon2idHasher.time_cost = stale


def test_a_password_set_by_command_ends_sessions_and_tokens(
    cached: RedisServer, browser_as: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = make_user("alice", password="correct-horse-9")
    browser = browser_as(alice)
    assert browser.get("/feed/").status_code == 200
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "another-horse-8")
    call_command("changepassword", "alice", stdout=StringIO())
    assert browser.get("/feed/").status_code == 302
    alice.refresh_from_db()
    assert (alice.auth_version, alice.check_password("another-horse-8")) == (2, True)
