"""Rate limits: counted per person or address, told with the seconds to wait, off by one switch."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from accounts.models import User
from minigram_site.web.throttling import limited


@limited("login", "username")
def log_in(request: HttpRequest) -> HttpResponseBase:
    """Answer 200, as often as the limit allows."""
    return HttpResponse("in")


def post(name: str, address: str = "10.0.0.1", user: Any = None) -> HttpResponseBase:
    """Try to log in once."""
    request = RequestFactory().post("/api/x/", {"username": name}, REMOTE_ADDR=address)
    request.user = user or AnonymousUser()
    return log_in(request)


@pytest.fixture(autouse=True)
def two_a_minute(settings: Any) -> None:
    """Allow two tries a minute."""
    settings.THROTTLE_RATES = {"login": (2, 60)}


def test_beyond_the_limit_the_answer_is_429_with_the_time_to_wait() -> None:
    assert [post("alice").status_code for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(post("alice")["Retry-After"]) <= 60


def test_names_and_addresses_are_counted_apart_but_not_their_case() -> None:
    assert [post(name).status_code for name in ("alice", "ALICE ", "bob")] == [200, 200, 200]
    assert post("Alice").status_code == 429
    assert post("alice", address="10.0.0.2").status_code == 200


@pytest.mark.django_db
def test_people_who_are_logged_in_are_counted_by_account(alice: User, bob: User) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        assert post("x", address, alice).status_code == 200
    assert post("x", "10.0.0.3", alice).status_code == 429
    assert post("x", "10.0.0.1", bob).status_code == 200


def test_reading_is_never_limited() -> None:
    request = RequestFactory().get("/api/x/")
    request.user = AnonymousUser()
    assert {log_in(request).status_code for _ in range(9)} == {200}


def test_one_switch_turns_all_limits_off(settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {post("alice").status_code for _ in range(9)} == {200}
