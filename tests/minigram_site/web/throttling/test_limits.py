"""Rate limits: counted per person or address, told with the seconds to wait, off by one switch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.api.tokens import issue
from accounts.authentication import attempts
from accounts.models import User
from minigram_site.fields.snowflake import id_at
from minigram_site.rate_limits import FACTORS, RATES
from minigram_site.web.errors import wait_sentence
from minigram_site.web.throttling import client_address, limited, throttle


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


@pytest.mark.django_db
def test_members_of_some_days_may_more_and_so_may_one_address(alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = {"upload": (2, 3600)}
    settings.THROTTLE_FACTORS = {"trusted": 3, "address": 2}
    long_ago = User(pk=id_at(timezone.now() - timedelta(days=8)))
    assert [post(user=alice).status_code for _ in range(3)] == [200, 200, 429]
    assert [post(user=long_ago).status_code for _ in range(7)] == [200] * 6 + [429]
    assert [post().status_code for _ in range(5)] == [200] * 4 + [429]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (1, "in a second"),
        (59, "in 59 seconds"),
        (60, "in a minute"),
        (61, "in 2 minutes"),
        (3540, "in 59 minutes"),
        (3586, "in an hour"),
        (3601, "in 2 hours"),
        (82_801, "in a day"),
        (200_000, "in 3 days"),
    ],
)
def test_people_are_told_in_words_when_to_try_again(seconds: int, told: str) -> None:
    assert wait_sentence(seconds) == f"That was a lot at once. Try again {told}."


@pytest.mark.django_db
def test_the_api_says_what_is_left_and_when_there_is_more(alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = {"write": (2, 7200)}
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    answers = [client.put("/api/v1/me/filters/", {"words": []}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"write";q=2;w=7200'}
    assert [answer["RateLimit"].rpartition(";t=")[0] for answer in answers] == [
        '"write";r=1',
        *['"write";r=0'] * 3,
    ]
    assert answers[2]["RateLimit"].rpartition("=")[2] == answers[2]["Retry-After"] == "3600"
    assert answers[2].json()["detail"] == "That was a lot at once. Try again in an hour."


@pytest.mark.django_db
def test_a_class_that_signs_up_and_a_holiday_do_not_meet_the_limits(settings: Any) -> None:
    """By the limits that a site begins with: what each of them counts, many times."""
    settings.THROTTLE_RATES, settings.THROTTLE_FACTORS = RATES, FACTORS
    visitors = [("write", 30 * 4), ("name", 30 * 5)]
    member = User(pk=id_at(timezone.now()))
    for who, asked in ((AnonymousUser(), visitors), (member, [("upload", 300), ("publish", 300)])):
        request = RequestFactory().post("/")
        request.user = who
        for scope, times in asked:
            refused = [not throttle(scope)().allow_request(request, None) for _ in range(times)]
            assert not any(refused), scope
    for _ in range(60):
        attempts.take_sign_up(request)


def test_one_switch_turns_all_limits_off(settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {post().status_code for _ in range(9)} == {200}
