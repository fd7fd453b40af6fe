"""Session fixation, and what is left of a session when it is over.

A key that somebody else has put into a browser is nobody's session after the log-in, whichever way
it went; the key of before opens nothing, and neither does a key after the log-out.
"""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client

from accounts.models import User
from accounts.sessions import SessionStore
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

WAYS_IN = {
    "log in": ("/login/", {"username": "dora", "password": PASSWORD}),
    "sign up": (
        "/signup/",
        {
            "username": "erna",
            "email": "erna@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "password": PASSWORD,
        },
    ),
}


@pytest.fixture
def dora(db: None) -> User:
    return make_user("dora", password=PASSWORD)


def planted() -> SessionBase:
    """Return a session that somebody has begun to put its key into another browser."""
    store = SessionStore()
    store["planted"] = "yes"
    store.save()
    return store


def key_of(client: Client) -> str:
    """Return the key of a browser's session."""
    return client.cookies["sessionid"].value


def is_let_in(key: str) -> bool:
    """Tell whether a key is that of somebody who is logged in."""
    client = Client()
    client.cookies["sessionid"] = key
    return client.get("/settings/").status_code == 200


@pytest.mark.parametrize("way", WAYS_IN)
def test_a_planted_key_is_nobodys_session(dora: User, way: str) -> None:
    key = planted().session_key or ""
    client = Client()
    client.cookies["sessionid"] = key
    address, form = WAYS_IN[way]
    assert client.post(address, form).status_code == 302
    assert key_of(client) != key
    assert is_let_in(key_of(client))
    assert not is_let_in(key)


def test_a_key_that_was_made_up_is_not_taken(dora: User) -> None:
    key = "a" * 32
    client = Client()
    client.cookies["sessionid"] = key
    client.post(*WAYS_IN["log in"])
    assert key_of(client) != key
    assert not is_let_in(key)


def test_the_log_in_of_another_person_takes_nothing_over(dora: User, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    session = client.session
    session["of alice"] = "yes"
    session.save()
    key = key_of(client)
    client.logout()
    client.post(*WAYS_IN["log in"])
    assert key_of(client) != key
    assert "of alice" not in client.session


def test_after_the_log_out_the_key_opens_nothing(dora: User) -> None:
    client = Client()
    client.post(*WAYS_IN["log in"])
    key = key_of(client)
    assert is_let_in(key)
    client.post("/logout/")
    assert not is_let_in(key)


def test_the_token_of_forms_is_another_after_the_log_in(dora: User) -> None:
    """Whoever knew it before cannot send forms for the person who has logged in."""
    client = Client(enforce_csrf_checks=True)
    before = client.get("/login/").context["csrf_token"]
    address, form = WAYS_IN["log in"]
    assert client.post(address, {**form, "csrfmiddlewaretoken": str(before)}).status_code == 302
    told = client.post("/settings/privacy/", {"csrfmiddlewaretoken": str(before)})
    assert told.status_code == 403
    request = HttpRequest()
    request.COOKIES["csrftoken"] = client.cookies["csrftoken"].value
    assert client.post(
        "/settings/privacy/", headers={"X-CSRFToken": client.cookies["csrftoken"].value}
    ).status_code in {200, 302, 422}


def test_scripts_and_other_sites_are_not_given_the_key(dora: User) -> None:
    client = Client()
    client.post(*WAYS_IN["log in"])
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
