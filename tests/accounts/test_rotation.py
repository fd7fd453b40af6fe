"""A new SECRET_KEY logs nobody out, and what only a key signs that was taken out opens nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import jwt
import pyotp
import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts import account_cache
from accounts.api import authentication, tokens
from accounts.authentication import session_rows
from accounts.factors import totp
from accounts.models import ApiSession, User
from social.albums import links
from tests.factories import PASSWORD, make_photo, make_user
from tests.social.lean import FEED, Site

pytestmark = pytest.mark.django_db
OLD, NEW, OTHER = (name * 8 for name in ("old-key-", "new-key-", "another-"))
# As docs/operations.md has it: all instances know the new key before one signs with it.
STEPS = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]]
Restart = Callable[[list[str]], None]


@pytest.fixture
def restart(settings: Any) -> Restart:
    """Return a function after which an instance answers that was started with these keys."""

    def with_keys(keys: list[str]) -> None:
        settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = keys
        for kept in (authentication._signed, authentication.bearer, session_rows._session_hashes):
            kept.cache_clear()

    with_keys([OLD])
    return with_keys


@pytest.fixture
def dora(db: None) -> User:
    return make_user("dora", password=PASSWORD)


def statuses(access: str) -> set[str]:
    """Return what a token is answered by the fast path and by Django."""
    header: Any = {"HTTP_AUTHORIZATION": f"Bearer {access}"}
    return {Site().answer(path, **header).status[:3] for path in (FEED, "/api/v1/me/")}


def logged_in() -> Client:
    """Return a browser in which dora has logged in."""
    client = Client()
    assert client.post("/login/", {"username": "dora", "password": PASSWORD}).status_code == 302
    return client


def is_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def test_everybody_stays_logged_in_at_every_step(restart: Restart, dora: User) -> None:
    browser, pair = logged_in(), tokens.issue(dora)
    key = browser.cookies["sessionid"].value
    for keys in STEPS:
        restart(keys)
        assert statuses(pair["access"]) == {"200"}
        pair = tokens.renew(pair["refresh"])
        assert is_in(browser)
    assert browser.cookies["sessionid"].value == key


def test_instances_in_the_middle_of_a_restart_accept_each_other(
    restart: Restart, dora: User
) -> None:
    browser, pair = logged_in(), tokens.issue(dora)
    for number in range(4):
        restart(STEPS[1 + number % 2])
        assert statuses(pair["access"]) == {"200"}
        pair = tokens.renew(pair["refresh"])
        assert is_in(browser)


def test_a_refresh_repeated_across_the_rotation_leaves_one_session(
    restart: Restart, dora: User
) -> None:
    first = tokens.issue(dora)["refresh"]
    pairs = []
    for number in range(6):
        restart(STEPS[1 + number % 2])
        pairs.append(tokens.renew(first))
    names = {
        jwt.decode(one["refresh"], options={"verify_signature": False})["jti"] for one in pairs
    }
    assert len(names) == ApiSession.objects.count() == 1
    assert tokens.renew(pairs[0]["refresh"])


def test_what_a_browser_asks_for_at_once_stays_logged_in(restart: Restart, dora: User) -> None:
    first, at_once = logged_in(), Client()
    at_once.cookies["sessionid"] = first.cookies["sessionid"].value
    restart([NEW, OLD])
    assert (is_in(first), is_in(at_once)) == (True, True)


def test_a_key_that_is_taken_out_opens_nothing(restart: Restart, dora: User) -> None:
    browser, pair = logged_in(), tokens.issue(dora)
    restart([NEW])
    assert statuses(pair["access"]) == {"401"}
    answer = APIClient().post("/api/v1/auth/token/refresh/", {"refresh": pair["refresh"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert not is_in(browser)
    # Nobody took it for a copy: the session goes on for who has a token of it that counts.
    assert ApiSession.objects.count() == 1


def crafted(pair: dict[str, str], key: str, **header: Any) -> str:
    """Return the access token with another header, signed as HS256 with a key."""
    hashed = {"HS512": hashlib.sha512}.get(header.get("alg", ""), hashlib.sha256)
    head = json.dumps({"alg": "HS256", "typ": "JWT", **header}).encode()
    body = pair["access"].split(".")[1]
    text = f"{base64.urlsafe_b64encode(head).rstrip(b'=').decode()}.{body}"
    signature = hmac.digest(key.encode(), text.encode(), hashed)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("key", "header", "status"),
    [
        (NEW, {}, "200"),
        (OLD, {}, "200"),
        # A name of a key decides nothing, neither for nor against.
        (NEW, {"kid": "unknown"}, "200"),
        (OTHER, {}, "401"),
        (OTHER, {"kid": "0"}, "401"),
        (OTHER, {"kid": "../../dev/null"}, "401"),
        ("", {"kid": ""}, "401"),
        (
            OTHER,
            {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(OTHER.encode()).decode()}},
            "401",
        ),
        (OTHER, {"jku": "https://evil.example/keys.json"}, "401"),
        (NEW, {"alg": "none"}, "401"),
        (NEW, {"alg": "HS512"}, "401"),
        (OLD, {"alg": "HS512"}, "401"),
        (NEW, {"alg": "RS256"}, "401"),
        (OLD, {"alg": "ES256"}, "401"),
    ],
)
def test_neither_algorithm_nor_key_is_chosen_by_a_token(
    restart: Restart, dora: User, key: str, header: dict[str, Any], status: str
) -> None:
    restart([NEW, OLD])
    assert statuses(crafted(tokens.issue(dora), key, **header)) == {status}


@pytest.mark.parametrize("key", [NEW, OLD])
def test_a_token_expires_under_every_key(restart: Restart, dora: User, key: str) -> None:
    restart([NEW, OLD])
    claims = jwt.decode(tokens.issue(dora)["access"], NEW, ["HS256"])
    assert statuses(jwt.encode(claims, key, "HS256")) == {"200"}
    assert statuses(jwt.encode({**claims, "exp": 1_700_000_000}, key, "HS256")) == {"401"}


def test_the_cache_and_the_edge_tell_sets_of_keys_apart(restart: Restart) -> None:
    names = set()
    for keys in STEPS:
        restart(keys)
        names.add(account_cache.account_key(1))
    assert len(names) == len(STEPS)


def test_a_known_browser_stays_known(
    restart: Restart,
    dora: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr("accounts.logins.mails.later", lambda task, argument: task.call(argument))
    browser = logged_in()
    browser.post("/logout/")
    restart([NEW, OLD])
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/login/", {"username": "dora", "password": PASSWORD})
    assert (is_in(browser), len(mail.outbox)) == (True, 0)
    with django_capture_on_commit_callbacks(execute=True):
        logged_in()
    assert len(mail.outbox) == 1


def test_an_unlocked_link_stays_open(restart: Restart, dora: User, rf: Any) -> None:
    photo = make_photo(dora)
    link, _ = links.share(sharer=dora, photo_id=photo.pk, days=7, password="open-sesame")
    key = links.unlock(link, "open-sesame", rf.post("/"))
    assert key
    restart([NEW, OLD])
    assert links.is_open(link, key)
    restart([NEW])
    assert not links.is_open(link, key)


def test_the_upkeep_seals_secrets_of_apps_under_the_new_key(
    restart: Restart, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pyotp.TOTP(totp.begin(dora))
    monkeypatch.setattr("accounts.factors.totp.time.time", lambda: 1_800_000_000.0)
    assert totp.confirm(dora, app.at(1_800_000_000))
    assert totp.seal_anew() == 0
    restart([NEW, OLD])
    call_command("maintain", stdout=StringIO())
    assert totp.seal_anew() == 0
    restart([NEW])
    monkeypatch.setattr("accounts.factors.totp.time.time", lambda: 1_800_000_060.0)
    assert totp.accept(dora, app.at(1_800_000_060))
