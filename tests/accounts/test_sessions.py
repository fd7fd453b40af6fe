"""Sessions are cached, and end at once all the same."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import User
from accounts.sessions import SessionStore
from tests.factories import make_follow, make_photo, make_user
from tests.redis_server import RedisServer

Browsers = Callable[[User | None], Client]


def test_a_page_seen_again_needs_no_query(cached: RedisServer, browser_as: Browsers) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    make_follow(bob, alice)
    make_photo(alice, "From the cache")
    browser = browser_as(bob)
    browser.get("/feed/")
    with CaptureQueriesContext(connection) as queries:
        assert "From the cache" in browser.get("/feed/").content.decode()
    assert len(queries) == 0


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
