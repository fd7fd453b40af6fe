"""Tokens stop with their session, at once; a refresh that is repeated does not end it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as site
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.api import tokens
from accounts.models import ApiSession, User
from tests.factories import make_photo
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Site

pytestmark = pytest.mark.django_db


def end_by_log_out(pair: dict[str, str]) -> None:
    tokens.end(pair["refresh"])


def end_by_reuse(pair: dict[str, str]) -> None:
    tokens.renew(tokens.renew(pair["refresh"])["refresh"])
    with pytest.raises(tokens.RefusedToken, match="for safety"):
        tokens.renew(pair["refresh"])


@pytest.fixture(params=[end_by_log_out, end_by_reuse])
def end(request: pytest.FixtureRequest) -> Callable[[dict[str, str]], None]:
    """Return a way in which sessions end."""
    return request.param  # type: ignore[no-any-return]


def statuses(access: str, *paths: str) -> set[str]:
    """Return the statuses of these calls, by the fast path and without it."""
    found = set()
    for path in paths:
        answer = Site().answer(path, HTTP_AUTHORIZATION=f"Bearer {access}")
        found.add(answer.status[:3])
    return found


def check_end(alice: User, end: Callable[[dict[str, str]], None]) -> None:
    """Check that a session's end stops its tokens everywhere, and those of no other."""
    paths = (FEED, f"/api/v1/photos/{make_photo(alice).pk}/", "/api/v1/me/")
    ended, other = tokens.issue(alice), tokens.issue(alice)
    for _ in range(2):
        assert statuses(ended["access"], *paths) == statuses(other["access"], *paths) == {"200"}
    end(ended)
    assert statuses(ended["access"], *paths) == {"401"}
    assert statuses(other["access"], *paths) == {"200"}


def test_access_stops_when_its_session_ends(alice: User, end: Any) -> None:
    check_end(alice, end)


def test_cached_access_stops_when_its_session_ends(
    cached: RedisServer, alice: User, end: Any
) -> None:
    check_end(alice, end)


def test_nobody_uses_the_session_of_somebody_else(alice: User, bob: User) -> None:
    claims = jwt.decode(tokens.issue(alice)["access"], site.SECRET_KEY, ["HS256"])
    forged = jwt.encode({**claims, "sub": str(bob.pk)}, site.SECRET_KEY, "HS256")
    assert statuses(forged, FEED, "/api/v1/me/") == {"401"}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_the_scheme_may_be_written_in_any_case(alice: User, scheme: str) -> None:
    header: Any = {"HTTP_AUTHORIZATION": f"{scheme} {tokens.issue(alice)['access']}"}
    lean = Site()
    assert lean.answer(FEED, **header).status == "200 OK"
    assert lean.asked == 0
    assert APIClient().get("/api/v1/me/", **header).status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "bearer a b", "Basic eA==", "Bearerx y", " "])
def test_other_headers_are_refused(header: str) -> None:
    assert APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=header).status_code == 401


def test_a_refresh_whose_answer_was_lost_is_answered_again(alice: User) -> None:
    first = tokens.issue(alice)
    lost, again = (tokens.renew(first["refresh"]) for _ in range(2))
    assert statuses(lost["access"], FEED) == statuses(again["access"], FEED) == {"200"}
    assert tokens.renew(again["refresh"])
    assert tokens.renew(lost["refresh"])


def test_a_minute_later_a_refresh_that_comes_again_is_a_copy(alice: User) -> None:
    first = tokens.issue(alice)
    tokens.renew(first["refresh"])
    a_minute = timedelta(seconds=ApiSession.REPEAT_SECONDS)
    ApiSession.objects.update(replaced_at=timezone.now() - a_minute)
    with pytest.raises(tokens.RefusedToken, match="for safety"):
        tokens.renew(first["refresh"])
    assert not ApiSession.objects.exists()


@pytest.mark.parametrize("seconds", [-30, 30])
def test_instances_whose_clocks_differ_accept_each_others_tokens(
    alice: User, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    def elsewhere() -> datetime:
        return datetime.now(tz=timezone.get_default_timezone()) + timedelta(seconds=seconds)

    with monkeypatch.context() as other:
        for module in ("accounts.api.tokens", "rest_framework_simplejwt.tokens"):
            name = "timezone.now" if module == "accounts.api.tokens" else "aware_utcnow"
            other.setattr(f"{module}.{name}", elsewhere)
        first = tokens.issue(alice)
        second = tokens.renew(first["refresh"])
    assert statuses(second["access"], FEED) == {"200"}
    assert tokens.renew(first["refresh"])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_refreshes_at_once_all_go_on(alice: User) -> None:
    first = tokens.issue(alice)["refresh"]

    def renew(_: int) -> str:
        try:
            return tokens.renew(first)["refresh"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        pairs = list(threads.map(renew, range(8)))
    assert len({jwt.decode(pair, site.SECRET_KEY, ["HS256"])["jti"] for pair in pairs}) == 1
    assert tokens.renew(pairs[-1])
