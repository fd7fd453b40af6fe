"""Guesses of a password and sign-ups are limited: at every door, exactly, locking nobody out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.authentication import attempts
from accounts.models import Attempts, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
WRONG = "wrong"
TOKEN = "/api/v1/auth/token/"


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    """Allow three guesses of a name from an address, and twelve failures of a name."""
    rates = {"login": (3, 60), "login-name": (12, 3600), "register": (2, 3600)}
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | rates


def guess(name: str = "alice", address: str = "10.0.0.1", password: str = WRONG) -> int:
    """Try to log in over the API; return the status."""
    body = {"username": name, "password": password}
    return int(APIClient().post(TOKEN, body, REMOTE_ADDR=address).status_code)


def test_beyond_the_limit_even_the_right_password_has_to_wait() -> None:
    make_user("alice", password=PASSWORD)
    assert [guess() for _ in range(4)] == [401, 401, 401, 429]
    assert guess(password=PASSWORD) == 429
    Attempts.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert guess(password=PASSWORD) == 200


def test_an_answer_says_how_long_to_wait() -> None:
    for _ in range(4):
        api = APIClient().post(TOKEN, {"username": "alice", "password": "wrong"})
        page = Client().post("/login/", {"username": "bob", "password": "wrong"})
    assert (api.status_code, api.json()["code"]) == (429, "throttled")
    assert page.status_code == 429
    assert "Try again in" in page.text
    assert 0 < int(api["Retry-After"]) <= 60
    assert 0 < int(page["Retry-After"]) <= 60


SPELLINGS = [
    "ALICE",
    " alice ",
    "al\xadice",
    "\uff41lice",
    "a\u200blice",
    "\u2060alice",
    "ali\u202dce",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_name_is_that_name(spelling: str) -> None:
    make_user("alice", password=PASSWORD)
    assert guess(spelling, password=PASSWORD) == 200
    assert [guess() for _ in range(3)] == [401] * 3
    assert guess(spelling) == 429
    form = {"username": spelling, "password": PASSWORD}
    assert Client().post("/login/", form, REMOTE_ADDR="10.0.0.1").status_code == 429


def test_the_page_that_logs_in_shares_one_limit_with_the_api() -> None:
    for _ in range(3):
        guess()
    form = {"username": "alice", "password": "wrong"}
    assert Client().post("/login/", form, REMOTE_ADDR="10.0.0.1").status_code == 429
    assert Client().post("/login/", form, REMOTE_ADDR="10.0.0.2").status_code in {200, 422}


NEW = {"new_password1": "battery-staple-8", "new_password2": "battery-staple-8"}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/settings/password/", {"old_password": "wrong", **NEW}),
        ("/settings/email/", {"password": "wrong", "email": "new@example.org"}),
        ("/settings/delete/", {"password": "wrong"}),
    ],
)
def test_pages_that_ask_for_the_password_again_are_doors(
    browser_as: As, path: str, form: dict[str, str]
) -> None:
    browser = browser_as(make_user("alice", password=PASSWORD))
    assert [browser.post(path, form).status_code for _ in range(4)] == [422, 422, 422, 429]
    assert guess(address="127.0.0.1", password=PASSWORD) == 429


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_calls_that_ask_for_the_password_again_are_doors(api_as: As, method: str) -> None:
    call = getattr(api_as(make_user("alice", password=PASSWORD)), method)
    body = {"password": "wrong", "email": "new@example.org"}
    answers = [call("/api/v1/me/", body).status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]


def test_the_admin_changes_passwords_at_the_page_of_everybody(browser_as: As, alice: User) -> None:
    answer = browser_as(alice).post("/admin/password_change/", {"old_password": "x", **NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/settings/password/")


def test_addresses_of_one_ipv6_network_are_one() -> None:
    assert [guess(address=f"2001:db8::{number}") for number in range(4)] == [401, 401, 401, 429]
    assert guess(address="2001:db8:0:1::1") == 401


def test_who_logs_in_has_all_guesses_again() -> None:
    make_user("alice", password=PASSWORD)
    tries = [guess(), guess(), guess(password=PASSWORD), guess(), guess(), guess(), guess()]
    assert tries == [401, 401, 200, 401, 401, 401, 429]


def test_nobody_is_locked_out_by_the_guesses_of_others() -> None:
    make_user("alice", password=PASSWORD)
    for number in range(12):
        guess(address=f"10.0.1.{number}")
    # Very many have failed: each address has one guess left, and the right one is enough.
    assert [guess(address="10.0.2.1") for _ in range(2)] == [401, 429]
    assert guess(address="10.0.2.2", password=PASSWORD) == 200
    assert guess("bob", address="10.0.2.1") == 401


def test_names_are_not_readable_in_the_table() -> None:
    guess("my-password-by-mistake")
    assert Attempts.objects.count() == 2
    assert not Attempts.objects.filter(key__contains="mistake").exists()


def test_sign_ups_of_one_address_are_limited_over_all_doors() -> None:
    form = {"username": "dora", "email": "dora@example.org", "password": "12345678"}
    assert Client().post("/signup/", form).status_code == 422
    assert APIClient().post("/api/v1/auth/register/", form).status_code == 400
    assert APIClient().post("/api/v1/auth/register/", form).status_code == 429
    assert Client().post("/signup/", form).status_code == 429
    assert Client().post("/signup/", form, REMOTE_ADDR="10.0.0.2").status_code == 422


def test_a_window_that_another_request_opens_meanwhile_refuses_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = attempts._count

    def overtaken(rows: QuerySet[Attempts], *limits: int) -> bool:
        counted = count(rows, *limits)
        if not counted and not rows.exists():
            key = attempts._key("register", ("10.0.0.1",))
            Attempts.objects.create(key=key, ends_at=timezone.now())
        return counted

    monkeypatch.setattr(attempts, "_count", overtaken)
    attempts.take("register", "10.0.0.1")
    assert Attempts.objects.get().tried == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_more_guesses_than_allowed_get_through_at_once() -> None:
    def one(_: int) -> int:
        try:
            return guess()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(one, range(48)))
    assert (answers.count(401), answers.count(429)) == (3, 45)
