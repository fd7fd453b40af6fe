"""Confirming e-mail addresses, and the way back from a mistyped one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.doors import links
from accounts.models import EmailConfirmation, User
from tests.accounts.doors.scene import NEW, link_in_mail, make_waiting, site_with
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
CONFIRM, UNCONFIRMED = "/api/v1/auth/confirm-email/", "/api/v1/auth/unconfirmed/"
SIGNED = {"username": "dora", "password": PASSWORD}


def email_of(user: User) -> str:
    """Return the address that an account has now."""
    return User.objects.get(pk=user.pk).email


def test_opening_the_link_changes_nothing_and_the_button_lets_in() -> None:
    user = make_waiting(email_check="required")
    client = Client()
    for ask in (client.get, client.head):
        assert ask(link_in_mail()).status_code == 200
    assert EmailConfirmation.objects.get().confirmed_at is None
    assert client.post(link_in_mail()).status_code == 302
    user.refresh_from_db()
    assert user.is_active
    assert "All done" in client.get(link_in_mail()).text
    assert client.post(link_in_mail()).status_code == 302
    assert client.post("/login/", SIGNED)["Location"] == "/feed/"


def test_the_browser_that_signed_up_is_logged_in_by_the_button(client: Client) -> None:
    site_with(email_check="required")
    assert client.post("/signup/", NEW)["Location"] == "/signup/waiting/"
    answer = client.post(link_in_mail(), follow=True)
    assert "Welcome, @dora" in answer.text
    assert client.get("/feed/").status_code == 200


def test_the_api_confirms_once_and_says_so_the_second_time(api_as: As) -> None:
    make_waiting(email_check="required")
    token = link_in_mail().split("/")[2]
    answers = [api_as(None).post(CONFIRM, {"token": token}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [
        {"email": "dora@example.org", "is_news": True},
        {"email": "dora@example.org", "is_news": False},
    ]
    assert api_as(None).post("/api/v1/auth/token/", SIGNED).status_code == 200


def test_a_mistyped_address_is_corrected_and_the_old_link_dies() -> None:
    user = make_waiting(email_check="required")
    wrong = link_in_mail()
    client = Client()
    client.post("/login/", SIGNED)
    answer = client.post("/signup/waiting/link/", {"email": "Dora@Right.example"}, follow=True)
    assert "dora@right.example" in answer.text
    assert mail.outbox[-1].to == ["dora@right.example"]
    assert Client().post(wrong).status_code == 410
    assert email_of(user) == "dora@example.org"
    assert client.post(link_in_mail())["Location"] == "/welcome/"
    assert email_of(user) == "dora@right.example"


def test_the_api_corrects_and_sends_again(api_as: As) -> None:
    make_waiting(email_check="required")
    again = api_as(None).post(UNCONFIRMED, SIGNED)
    assert (again.status_code, mail.outbox[-1].to) == (202, ["dora@example.org"])
    body = {**SIGNED, "email": "dora@right.example"}
    corrected = api_as(None).post(UNCONFIRMED, body)
    assert corrected.json()["pending"] == "dora@right.example"
    assert mail.outbox[-1].to == ["dora@right.example"]
    wrong = api_as(None).post(UNCONFIRMED, {**body, "password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")


def test_who_waits_for_approval_needs_no_link(api_as: As) -> None:
    make_waiting(sign_up="approval")
    answer = api_as(None).post(UNCONFIRMED, SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_confirmed")


def test_links_are_limited(api_as: As) -> None:
    make_waiting(email_check="required")
    statuses = [api_as(None).post(UNCONFIRMED, SIGNED).status_code for _ in range(5)]
    assert statuses == [202, 202, 202, 202, 429]
    assert len(mail.outbox) == 5


@pytest.mark.parametrize("check", ["optional", "required"])
def test_a_new_address_waits_while_the_old_one_works(browser_as: BrowserAs, check: str) -> None:
    site_with(email_check=check)
    user = make_user("alice", password=PASSWORD)
    form = {"email": "new@example.org", "password": PASSWORD}
    page = browser_as(user).post("/settings/email/", form, follow=True)
    assert "We’ve sent a link to" in page.text
    assert email_of(user) == "alice@example.org"
    assert Client().login(username="alice@example.org", password=PASSWORD)
    assert not Client().login(username="new@example.org", password=PASSWORD)
    Client().post("/password-reset/", {"email": "alice@example.org"})
    assert mail.outbox[-1].to == ["alice@example.org"]
    assert Client().post(link_in_mail(0)).status_code == 302
    assert Client().login(username="new@example.org", password=PASSWORD)
    assert "(confirmed)" in browser_as(user).get("/settings/email/").text


def test_over_the_api_a_new_address_waits_as_well(api_as: As) -> None:
    site_with(email_check="optional")
    user = make_user("alice", password=PASSWORD)
    body = {"email": "new@example.org", "password": PASSWORD}
    assert api_as(user).patch("/api/v1/me/", body).json()["email"] == "alice@example.org"
    assert api_as(user).get("/api/v1/me/email/").json() == {
        "email": "alice@example.org",
        "is_confirmed": False,
        "pending": "new@example.org",
    }
    assert api_as(user).post("/api/v1/me/email/link/").status_code == 202
    assert mail.outbox[-1].to == ["new@example.org"]


def test_an_address_that_somebody_took_meanwhile_is_not_given(api_as: As) -> None:
    site_with(email_check="optional")
    user = make_user("alice", password=PASSWORD)
    api_as(user).patch("/api/v1/me/", {"email": "new@example.org", "password": PASSWORD})
    other = make_user("bob")
    other.email = "new@example.org"
    other.save()
    page = Client().post(link_in_mail())
    assert (page.status_code, "There is already an account" in page.text) == (409, True)
    assert email_of(user) == "alice@example.org"
    token = link_in_mail().split("/")[2]
    assert list(api_as(None).post(CONFIRM, {"token": token}).json()["errors"]) == ["email"]


def test_without_a_check_addresses_change_at_once(browser_as: BrowserAs) -> None:
    user = make_user("alice", password=PASSWORD)
    form = {"email": "new@example.org", "password": PASSWORD}
    assert browser_as(user).post("/settings/email/", form)["Location"] == "/settings/"
    assert (email_of(user), mail.outbox) == ("new@example.org", [])


def test_optional_means_that_nothing_is_withheld(client: Client) -> None:
    site_with(email_check="optional")
    assert client.post("/signup/", NEW)["Location"] == "/welcome/"
    assert mail.outbox[-1].to == ["dora@example.org"]
    assert "(not confirmed)" in client.get("/settings/email/").text
    client.post(link_in_mail())
    assert "(confirmed)" in client.get("/settings/email/").text


@pytest.mark.parametrize("token", ["x", "a:b:c", "WzEsInh4Il0:1abc:def", "%00"])
def test_what_is_no_link_of_ours_is_told(api_as: As, db: None, token: str) -> None:
    assert Client().get(f"/confirm-email/{token}/").status_code == 410
    answer = api_as(None).post(CONFIRM, {"token": token})
    assert (answer.status_code, answer.json()["code"]) in {(410, "broken_link"), (400, "invalid")}


@pytest.mark.parametrize(
    ("age", "works"), [(timedelta(days=2, hours=23), True), (timedelta(days=3, hours=1), False)]
)
def test_a_link_works_for_three_days(
    monkeypatch: pytest.MonkeyPatch, age: timedelta, works: bool
) -> None:
    make_waiting(email_check="required")
    token = link_in_mail().split("/")[2]
    later = time.time() + age.total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert (links.read_token(token) is not None) == works


def test_the_mail_begins_with_the_address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = "https://photos.example.org"
    make_waiting(email_check="required")
    assert "https://photos.example.org/confirm-email/" in str(mail.outbox[0].body)
