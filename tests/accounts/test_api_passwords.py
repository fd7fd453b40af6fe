"""Passwords over the API: changed by who knows the old one, chosen anew by the link of a mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import LogIn, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
AUTH, NEW = "/api/v1/auth/", "battery-staple-8"


@pytest.fixture
def dora(db: None) -> User:
    """Return somebody with a password."""
    return make_user("dora", password=PASSWORD)


def log_in(password: str = PASSWORD) -> Any:
    """Log in as dora."""
    return APIClient().post(f"{AUTH}token/", {"username": "dora", "password": password})


def me(access: str) -> int:
    """Return the status of asking for the own account."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return int(client.get("/api/v1/me/").status_code)


def test_another_password_ends_all_log_ins_but_the_one_that_changed_it(dora: User) -> None:
    mine, other = log_in().json()["access"], log_in().json()["access"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {mine}")
    form = {"old_password": PASSWORD, "new_password": NEW}
    fresh = client.post("/api/v1/me/password/", form).json()["access"]
    assert [me(token) for token in (mine, other, fresh)] == [401, 401, 200]
    assert log_in().status_code == 401
    assert len(LogIn.objects.of(dora).open()) == 1
    assert log_in(NEW).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [({"old_password": "wrong"}, "old_password"), ({"new_password": "12345678"}, "new_password")],
)
def test_a_password_that_is_refused_changes_nothing(
    api_as: As, dora: User, change: dict[str, str], field: str
) -> None:
    form = {"old_password": PASSWORD, "new_password": NEW, **change}
    answer = api_as(dora).post("/api/v1/me/password/", form)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert log_in().status_code == 200


def test_a_link_chooses_another_password_once(dora: User) -> None:
    access = log_in().json()["access"]
    client = APIClient()
    for email in (dora.email, "nobody@example.org"):
        assert client.post(f"{AUTH}password-reset/", {"email": email}).status_code == 202
    (told,) = mail.outbox
    link = next(line for line in told.body.splitlines() if "/password-reset/" in line)
    *_, uid, token, _ = link.split("/")
    form = {"uid": uid, "token": token, "new_password": "12345678"}
    assert client.post(f"{AUTH}password-reset/confirm/", form).status_code == 400
    form["new_password"] = NEW
    assert client.post(f"{AUTH}password-reset/confirm/", form).status_code == 204
    assert client.post(f"{AUTH}password-reset/confirm/", form).status_code == 410
    assert (me(access), log_in(NEW).status_code) == (401, 200)


@pytest.mark.parametrize("uid", ["", "x", "////", "_w", "MQ", "MQ==", "ñ"])
def test_what_is_no_link_is_refused(dora: User, uid: str) -> None:
    form = {"uid": uid, "token": "x-x", "new_password": NEW}
    answer = APIClient().post(f"{AUTH}password-reset/confirm/", form, format="json")
    assert answer.status_code in {400, 410}


@pytest.mark.parametrize("name", ["username", "is_staff", "id", "auth_version", "nonsense"])
def test_changes_that_the_account_does_not_know_are_refused(
    api_as: As, dora: User, name: str
) -> None:
    answer = api_as(dora).patch("/api/v1/me/", {"bio": "new", name: "1"})
    assert answer.status_code == 400
    assert answer.json()["errors"][name][0]["code"] == "unknown_field"
    dora.refresh_from_db()
    assert dora.bio == ""
