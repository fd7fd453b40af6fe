"""Rate limits: counted per person or address, told with the seconds to wait, off by one switch."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from accounts.models import User
from minigram_site.web.throttling import client_address, limited


@limited("upload")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Answer 200, as often as the limit allows."""
    return HttpResponse("in")


def post(address: str = "10.0.0.1", user: Any = None) -> HttpResponseBase:
    """Upload once."""
    request = RequestFactory().post("/api/x/", REMOTE_ADDR=address)
    request.user = user or AnonymousUser()
    return upload(request)


@pytest.fixture(autouse=True)
def two_a_minute(settings: Any) -> None:
    """Allow two uploads a minute, and three an hour."""
    settings.THROTTLE_RATES = {"upload": (2, 60), "upload-day": (3, 3600)}
    settings.THROTTLE_FACTORS = {}


def test_beyond_the_limit_the_answer_is_429_with_the_time_to_wait() -> None:
    assert [post().status_code for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(post()["Retry-After"]) <= 60
    assert post(address="10.0.0.2").status_code == 200


def test_a_burst_is_allowed_and_not_again_and_again(settings: Any) -> None:
    settings.THROTTLE_RATES = {"upload": (9, 60), "upload-day": (3, 3600)}
    assert [post().status_code for _ in range(4)] == [200, 200, 200, 429]
    assert int(post()["Retry-After"]) > 60


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_clients_are_counted_by_the_network_that_one_customer_has(
    address: str, counted: str
) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


@pytest.mark.django_db
def test_people_who_are_logged_in_are_counted_by_account(alice: User, bob: User) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        assert post(address, alice).status_code == 200
    assert post("10.0.0.3", alice).status_code == 429
    assert post("10.0.0.1", bob).status_code == 200


def test_reading_is_never_limited() -> None:
    request = RequestFactory().get("/api/x/")
    request.user = AnonymousUser()
    assert {upload(request).status_code for _ in range(9)} == {200}


def test_one_switch_turns_all_limits_off(settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {post().status_code for _ in range(9)} == {200}
