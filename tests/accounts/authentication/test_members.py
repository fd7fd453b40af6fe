"""The member of a page: found with their session in one look, and never beyond its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.authentication import members
from accounts.models import User
from accounts.sessions import SessionStore
from tests.redis_server import RedisServer
from tests.social.lean import sent

pytestmark = pytest.mark.django_db

PASSWORD = "another-Password-1"
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="On SQLite the two are asked for one after the other."
)


@pytest.fixture
def browser(alice: User) -> Client:
    """Return alice's browser, whose session this process knows."""
    client = Client()
    client.force_login(alice)
    assert [client.get("/settings/").status_code for _ in range(2)] == [200, 200]
    return client


def key_of(browser: Client) -> str:
    return browser.cookies["sessionid"].value


@on_postgresql
def test_session_and_account_are_one_statement(browser: Client) -> None:
    with sent() as statements:
        assert browser.get("/settings/").status_code == 200
    assert [sql for sql in statements if "django_session" in sql and "accounts_user" in sql]
    # The other is the badge of the navigation.
    assert len(statements) == 2


ENDS: dict[str, Callable[[User, Client], Any]] = {
    "a suspension": lambda user, _: services.suspend(user=user),
    "a new password": lambda user, _: services.change_password(user=user, password=PASSWORD),
    "a log-out elsewhere": lambda _, browser: SessionStore(key_of(browser)).delete(),
    "its expiry": lambda _, browser: Session.objects.filter(pk=key_of(browser)).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    ),
    "the end of the account": lambda user, _: user.delete(),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_session_that_is_known_ends_at_once(browser: Client, alice: User, end: str) -> None:
    ENDS[end](alice, browser)
    assert browser.get("/settings/").status_code == 302


@pytest.mark.parametrize("end", ["a suspension", "a new password", "a log-out elsewhere"])
def test_a_session_that_is_cached_and_known_ends_at_once(
    cached: RedisServer, alice: User, end: str
) -> None:
    client = Client()
    client.force_login(alice)
    assert [client.get("/settings/").status_code for _ in range(3)] == [200, 200, 200]
    ENDS[end](alice, client)
    assert client.get("/settings/").status_code == 302


def test_a_session_of_somebody_else_under_a_known_key_is_theirs(
    browser: Client, alice: User, bob: User
) -> None:
    """As after a log-in as another person, which Django gives another key."""
    theirs = Client()
    theirs.force_login(bob)
    data = Session.objects.get(pk=key_of(theirs)).session_data
    Session.objects.filter(pk=key_of(browser)).update(session_data=data)
    assert 'data-viewer="bob"' in browser.get("/settings/").text


def test_what_is_remembered_is_a_hint_only(browser: Client, alice: User, bob: User) -> None:
    members._last_owner.put(key_of(browser), bob.pk)
    for _ in range(2):
        assert 'data-viewer="alice"' in browser.get("/settings/").text


def test_what_a_session_holds_is_its_own(browser: Client) -> None:
    """A change of the session that one request has loaded is not seen by the next, unsaved."""
    for _ in range(2):
        session = browser.session
        session["kept"] = ["one"]
        session.save()
        page = browser.get("/settings/")
        page.wsgi_request.session["kept"].append("two")
        assert browser.get("/settings/").wsgi_request.session["kept"] == ["one"]
