"""Each page is in the language of who reads it, and answers to programs stay in English."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts import services
from accounts.mails import send_reset
from accounts.models import User
from minigram_site.languages import LANGUAGES
from minigram_site.web.languages.middleware import asked_language
from minigram_site.web.languages.words import words_address
from tests.factories import make_photo

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("de-AT,en", "de"),
        ("ar", "ar"),
        ("fr,ar;q=0.5", "ar"),
        ("fr", "en"),
        ("*", "en"),
    ],
)
@pytest.mark.django_db
def test_a_visitor_reads_what_the_browser_asks_for(asked: str, language: str) -> None:
    page = Client().get("/login/", headers={"Accept-Language": asked})
    way = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{way}"' in page.text
    assert page.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))


@pytest.mark.django_db
def test_a_visitor_chooses_and_comes_back_to_where_they_were() -> None:
    client = Client()
    form = client.get("/language/", headers={"Referer": "http://testserver/explore/"})
    assert 'name="next" value="/explore/"' in form.text
    answer = client.post("/language/", {"language": "ar", "next": "/explore/"}, headers=GERMAN)
    assert answer.headers["Location"] == "/explore/"
    assert client.get("/explore/", headers=GERMAN).headers["Content-Language"] == "ar"


def test_a_member_reads_the_language_of_their_account_on_every_device(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    client.post("/language/", {"language": "de"})
    elsewhere = Client()
    elsewhere.force_login(alice)
    page = elsewhere.get("/settings/", headers={"Accept-Language": "ar"})
    assert page.headers["Content-Language"] == "de"
    assert "Dein Profil" in page.text
    # For pages that look nobody up.
    assert elsewhere.get("/nowhere-at-all/").headers["Content-Language"] == "de"


def test_a_member_may_leave_it_to_the_browser_again(alice: User) -> None:
    services.set_language(user=alice, language="de")
    client = Client()
    client.force_login(alice)
    client.get("/settings/")
    client.post("/language/", {"language": ""})
    page = client.get("/settings/", headers={"Accept-Language": "ar"})
    assert page.headers["Content-Language"] == "ar"


def test_kept_fragments_do_not_mix_languages(alice: User) -> None:
    make_photo(alice, caption="Hills")
    client = Client()
    texts: dict[str, str] = {}
    for code, _ in LANGUAGES * 2:
        page = client.get("/explore/", headers={"Accept-Language": code}).text
        assert texts.setdefault(code, page) == page
    assert len(set(texts.values())) == len(LANGUAGES)


@pytest.mark.django_db
def test_the_api_answers_in_english() -> None:
    answer = Client().get("/api/v1/me/", headers=GERMAN)
    assert answer.json()["title"] == "Unauthorized"
    assert "Vary" not in answer.headers
    assert "Content-Language" not in answer.headers


@pytest.mark.django_db
def test_a_language_is_that_of_one_request_only() -> None:
    Client().get("/login/", headers=GERMAN)
    assert translation.get_language() == "en"


def test_a_mail_is_in_the_language_of_who_gets_it(alice: User) -> None:
    services.set_language(user=alice, language="de")
    services.change_password(user=alice, password="something long")
    with translation.override("ar"):
        send_reset.call(alice.email)
    assert mail.outbox[0].subject.startswith("Neues Passwort")
    assert "Hallo @alice" in mail.outbox[0].body


@pytest.mark.django_db
def test_who_signs_up_in_a_language_keeps_it() -> None:
    form = {"username": "neu", "email": "neu@example.org", "password": "ein langes Geheimnis"}
    Client().post("/signup/", form, headers=GERMAN)
    assert User.objects.get(username="neu").language == "de"


@pytest.mark.django_db
def test_scripts_get_their_words_once_and_for_ever() -> None:
    address = words_address("de")
    page = Client().get("/login/", headers=GERMAN).text
    assert f'<script src="{address}" defer fetchpriority="low">' in page
    answer = Client().get(address)
    assert "Schlie\\u00dfen" in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert Client().get("/words/de.old.js").headers["Cache-Control"] == "no-cache"
    assert "/words/" not in Client().get("/login/").text
    assert Client().get("/words/en.old.js").status_code == 404


def test_a_cookie_with_no_language_of_the_site_is_ignored(rf: object) -> None:
    request = rf.get("/", headers=GERMAN)  # type: ignore[attr-defined]
    request.COOKIES["language"] = "../../xx"
    assert asked_language(request) == "de"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("example.org", "https://example.org"), ("http://a.example", "http://a.example"), ("", "")],
)
def test_a_website_needs_no_scheme(alice: User, typed: str, kept: str) -> None:
    client = Client()
    client.force_login(alice)
    assert client.post("/settings/", {"website": typed}).status_code == 302
    alice.refresh_from_db()
    assert alice.website == kept


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "mailto:a@example.org", "not a site"])
def test_a_website_is_one_of_the_web(alice: User, typed: str) -> None:
    client = Client()
    client.force_login(alice)
    assert client.post("/settings/", {"website": typed}).status_code == 422
