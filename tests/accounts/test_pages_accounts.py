"""The account pages: sign up, log in, log out, passwords."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import ApiSession, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
NEW = {"username": "Dora", "email": "Dora@example.org", "password": PASSWORD}


def test_signing_up_logs_in(client: Client) -> None:
    response = client.post("/signup/", NEW, follow=True)
    assert response.redirect_chain[-1][0] == "/welcome/"
    assert response.context["user"].username == "dora"
    assert "Welcome, @dora" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "alice"}, "This username is taken."),
        ({"username": "ALICE"}, "This username is taken."),
        ({"email": "Alice@Example.org"}, "There is already an account with this e-mail address."),
        ({"username": "a b"}, "Use letters a to z"),
        ({"password": "12345678"}, "too common"),
        ({"password": "dora@example.org"}, "too much like your name"),
        ({"username": "nul\0\0"}, None),
        ({"username": ""}, "Choose a name."),
    ],
)
def test_a_sign_up_that_is_refused_says_why_and_keeps_what_was_typed(
    client: Client, alice: User, change: dict[str, str], sentence: str | None
) -> None:
    response = client.post("/signup/", {**NEW, **change})
    if sentence is None:
        assert response.status_code == 302
        return
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"password": "123"}, ["Use at least 8 characters."]),
        ({"password": "1234567"}, ["Use at least 8 characters."]),
        (
            {"username": "", "email": "", "password": ""},
            ["Choose a name.", "Type your", "Choose a pa"],
        ),
        ({"email": "dora"}, ["This isn’t an e-mail address."]),
        ({"username": "d"}, ["Use 2 to 30 characters."]),
    ],
)
def test_each_field_has_one_sentence_for_all_that_is_wrong_with_it(
    client: Client, change: dict[str, str], sentences: list[str]
) -> None:
    form = client.post("/signup/", {**NEW, **change}).context["form"]
    told = list(form.errors.values())
    assert all(len(errors) == 1 for errors in told)
    assert len(told) == len(sentences)
    for errors, sentence in zip(told, sentences, strict=True):
        assert sentence in errors[0]


def test_log_in_asks_in_the_same_voice(client: Client) -> None:
    page = client.post("/login/", {"username": "", "password": ""})
    assert page.status_code == 422
    assert "Type your name or e-mail address." in page.text
    assert "Type your password." in page.text
    assert "This field is required" not in page.text


def test_a_closed_site_shows_no_way_to_sign_up(client: Client, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False
    assert client.get("/signup/").status_code == 403
    assert "/signup/" not in client.get("/").content.decode()


@pytest.mark.parametrize("known_as", ["alice", "ALICE", "alice@example.org"])
def test_logging_in_leads_to_the_page_that_was_asked_for(client: Client, known_as: str) -> None:
    make_user("alice", password=PASSWORD)
    response = client.post("/login/?next=/upload/", {"username": known_as, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/upload/")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_logging_in_never_leads_away_from_the_site(client: Client, elsewhere: str) -> None:
    make_user("alice", password=PASSWORD)
    body = {"username": "alice", "password": PASSWORD, "next": elsewhere}
    assert client.post("/login/", body)["Location"] == "/feed/"


def test_a_wrong_password_is_told_without_saying_what_exists(client: Client) -> None:
    make_user("alice", password=PASSWORD)
    answers = [
        client.post("/login/", {"username": name, "password": "wrong"}) for name in ("alice", "zoe")
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert "don’t match any account" in answer.content.decode()


def test_logging_out_takes_a_button_not_a_link(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/feed/").status_code == 302


def test_changing_the_password_keeps_this_browser_and_no_other(browser_as: As) -> None:
    user = make_user("alice", password=PASSWORD)
    here, elsewhere = browser_as(user), browser_as(user)
    new = "battery-staple-8"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/settings/password/", form).status_code == 302
    assert here.get("/feed/").status_code == 200
    assert elsewhere.get("/feed/").status_code == 302
    assert Client().login(username="alice", password=new)


def test_a_forgotten_password_is_reset_by_mail_once(client: Client) -> None:
    user = make_user("alice", password=PASSWORD)
    ApiSession.objects.create(user=user, token_id="x" * 32, expires_at="2030-01-01T00:00Z")
    assert client.post("/password-reset/", {"email": "alice@example.org"}).status_code == 302
    link = re.search(r"http://testserver(/password-reset/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    new = {"new_password1": "battery-staple-8", "new_password2": "battery-staple-8"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)
    assert "Your password has been changed" in done.content.decode()
    assert Client().login(username="alice", password="battery-staple-8")
    assert not ApiSession.objects.exists()
    assert "no longer works" in Client().get(link[1], follow=True).content.decode()


def test_asking_for_a_reset_does_not_tell_who_has_an_account(client: Client) -> None:
    response = client.post("/password-reset/", {"email": "nobody@example.org"}, follow=True)
    assert "If there is an account with this address" in response.content.decode()
    assert mail.outbox == []


def test_whether_an_email_is_known_is_told_after_the_password_only(
    browser_as: As, bob: User
) -> None:
    client = browser_as(make_user("alice", password=PASSWORD))
    sentence = "There is already an account with this e-mail address."
    for password, told in (("wrong", False), (PASSWORD, True)):
        form = {"email": "bob@example.org", "password": password}
        assert (sentence in client.post("/settings/email/", form).text) == told


def test_changing_the_email_asks_for_the_password(browser_as: As, bob: User) -> None:
    user = make_user("alice", password=PASSWORD)
    client = browser_as(user)
    for email, password, status in (
        ("new@example.org", "wrong", 422),
        ("bob@example.org", PASSWORD, 422),
        ("New@example.org", PASSWORD, 302),
    ):
        form = {"email": email, "password": password}
        assert client.post("/settings/email/", form).status_code == status
    user.refresh_from_db()
    assert user.email == "new@example.org"
