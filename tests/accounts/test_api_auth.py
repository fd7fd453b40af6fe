"""Registering, logging in, staying logged in and logging out over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as site
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import services
from accounts.api.tokens import issue
from accounts.models import ApiSession, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]

NEW = {"username": "Dora", "email": "Dora@example.org", "password": PASSWORD}


def post(path: str, body: dict[str, Any]) -> Any:
    """Send JSON in plain ASCII, so that lone surrogates can be sent as well."""
    return APIClient().post(
        f"/api/v1/auth/{path}", json.dumps(body), content_type="application/json"
    )


def with_token(token: str) -> APIClient:
    """Return a client that sends this token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def me(token: str) -> int:
    """Return the status of asking for the own account with this token."""
    return int(with_token(token).get("/api/v1/me/").status_code)


def test_registering_makes_an_account_and_logs_in(api_as: As) -> None:
    response = api_as(None).post("/api/v1/auth/register/", NEW)
    assert response.status_code == 201
    body = response.json()
    assert body["user"]["username"] == "dora"
    assert body["user"]["email"] == "dora@example.org"
    assert isinstance(body["user"]["id"], str)
    assert me(body["access"]) == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "ALICE"}, "username"),
        ({"email": "ALICE@example.org"}, "email"),
        ({"username": "a b"}, "username"),
        ({"username": "x"}, "username"),
        ({"username": "n" * 31}, "username"),
        ({"username": "nul\0"}, None),
        ({"username": "\ud800"}, "username"),
        ({"username": "\u0430lice"}, "username"),
        ({"username": ["list"]}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"email": "a\0@example.org"}, "email"),
        ({"password": "12345678"}, "password"),
        ({"password": "dora@example.org"}, "password"),
        ({"password": ""}, "password"),
        ({"password": "x" * 5000}, "password"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(
    api_as: As, alice: User, change: dict[str, Any], field: str | None
) -> None:
    response = post("register/", {**NEW, **change})
    if field is None:
        assert response.status_code == 201
        return
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert User.objects.count() == 1


def test_a_closed_site_takes_no_new_accounts(api_as: As, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False
    response = api_as(None).post("/api/v1/auth/register/", NEW)
    assert (response.status_code, response.json()["code"]) == (403, "registration_closed")


@pytest.mark.parametrize("known_as", ["alice", "ALICE", "alice@example.org"])
def test_logging_in_by_name_or_email(api_as: As, known_as: str) -> None:
    make_user("alice", password=PASSWORD)
    response = api_as(None).post(
        "/api/v1/auth/token/", {"username": known_as, "password": PASSWORD}
    )
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}


@pytest.mark.parametrize("name", ["alice", "nobody", "nul\0"])
def test_wrong_credentials_are_one_answer(api_as: As, name: str) -> None:
    make_user("alice", password=PASSWORD)
    response = post("token/", {"username": name, "password": "wrong"})
    assert response.status_code == 401
    assert response.json()["code"] == "invalid_credentials"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_suspended_person_cannot_log_in_or_go_on(api_as: As) -> None:
    user = make_user("alice", password=PASSWORD)
    tokens = issue(user)
    services.suspend(user=user)
    assert me(tokens["access"]) == 401
    for path, body, status in (
        ("token/", {"username": "alice", "password": PASSWORD}, 403),
        ("token/refresh/", {"refresh": tokens["refresh"]}, 401),
    ):
        assert api_as(None).post(f"/api/v1/auth/{path}", body).status_code == status


def test_a_refresh_replaces_the_pair(api_as: As, alice: User) -> None:
    first = issue(alice)
    second = api_as(None).post("/api/v1/auth/token/refresh/", {"refresh": first["refresh"]}).json()
    third = api_as(None).post("/api/v1/auth/token/refresh/", {"refresh": second["refresh"]})
    assert third.status_code == 200
    assert me(third.json()["access"]) == 200
    assert ApiSession.objects.count() == 1


def test_using_an_old_refresh_token_ends_that_session_and_no_other(api_as: As, alice: User) -> None:
    stolen, other = issue(alice), issue(alice)
    client = api_as(None)
    newer = client.post("/api/v1/auth/token/refresh/", {"refresh": stolen["refresh"]}).json()
    minutes_ago = timezone.now() - timedelta(minutes=2)
    ApiSession.objects.filter(previous_token_id__gt="").update(replaced_at=minutes_ago)
    reuse = client.post("/api/v1/auth/token/refresh/", {"refresh": stolen["refresh"]})
    assert (reuse.status_code, reuse.json()["code"]) == (401, "token_reused")
    for refresh, status in ((newer["refresh"], 401), (other["refresh"], 200)):
        again = client.post("/api/v1/auth/token/refresh/", {"refresh": refresh})
        assert again.status_code == status


def test_logging_out_ends_the_session_and_twice_is_fine(api_as: As, alice: User) -> None:
    tokens = issue(alice)
    for _ in range(2):
        response = api_as(None).post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]})
        assert response.status_code == 204
    refused = api_as(None).post("/api/v1/auth/token/refresh/", {"refresh": tokens["refresh"]})
    assert refused.status_code == 401


def test_a_password_change_ends_access_tokens_at_once(alice: User) -> None:
    tokens = issue(alice)
    services.change_password(user=alice, password=PASSWORD)
    assert me(tokens["access"]) == 401


def session_of(user: User) -> ApiSession:
    """Log somebody in, without tokens."""
    later = timezone.now() + timedelta(days=1)
    return ApiSession.objects.create(user=user, token_id="t" * 32, expires_at=later)


def forged(alice: User, **claims: Any) -> str:
    """Return an access token with these claims, signed as ours are."""
    body = {
        "token_type": "access",
        "exp": timezone.now() + timedelta(minutes=5),
        "jti": "x",
        "sub": str(alice.pk),
        "ver": 1,
        "sid": str(session_of(alice).pk),
    }
    return jwt.encode({**body, **claims}, site.SECRET_KEY, "HS256")


def test_our_own_token_made_by_hand_works(alice: User) -> None:
    assert me(forged(alice)) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": timezone.now() - timedelta(seconds=1)},
        {"sub": "99999999999999999999"},
        {"sub": "-1"},
        {"sub": {"a": 1}},
        {"sub": "1"},
        {"ver": 0},
        {"ver": "1"},
        {"token_type": "refresh"},
        {"sid": None},
        {"sid": "1"},
        {"sid": ["1"]},
    ],
)
def test_tokens_that_are_not_quite_right_are_refused(alice: User, claims: dict[str, Any]) -> None:
    assert me(forged(alice, **claims)) == 401


def test_tokens_signed_by_others_or_by_nobody_are_refused(alice: User) -> None:
    body = {"token_type": "access", "exp": 9999999999, "jti": "x", "sub": str(alice.pk), "ver": 1}
    for token in (
        jwt.encode(body, "another secret that is long enough to be one", "HS256"),
        jwt.encode(body, "", "none"),
        "x.y.z",
        "x",
        str(RefreshToken.for_user(alice)),
        str(AccessToken()),
    ):
        response = with_token(token).get("/api/v1/me/")
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("refresh", ["", "x", None, 5, ["x"], "e30.e30.e30", "\ud800", "x" * 3000])
def test_what_is_no_refresh_token_is_refused(api_as: As, refresh: Any) -> None:
    for path in ("token/refresh/", "logout/"):
        response = post(path, {"refresh": refresh})
        assert response.status_code in {400, 401}
