"""An app gets its tokens by the provider: a browser, a code, and the verifier of a challenge."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.factors import service, totp
from accounts.models import AppCode, LogIn, User
from accounts.provider import apps
from tests.accounts.provider.conftest import Configure
from tests.accounts.provider.server import IdentityProvider, back, is_in, query_of, sent_to

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
REDIRECTS = "org.example.photos:/done\nhttp://127.0.0.1/done"
APP = "org.example.photos:/done"
VERIFIER = "v" * 43
START = "/login/provider/app/"
TOKENS = "/api/v1/auth/provider/"


def asked(**changes: str) -> dict[str, str]:
    """Return what an app asks a browser to open."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    known = {
        "redirect_uri": APP,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "of the app",
    }
    return {**known, **changes}


def code_of(provider: IdentityProvider, redirect_uri: str = APP) -> str:
    """Go the whole way in a browser; return the code with which the app is led back."""
    browser = Client()
    address = sent_to(browser, START, **asked(redirect_uri=redirect_uri))
    page = back(browser, provider.log_in(address, "sub-dora"))
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert not is_in(browser)
    lead = page.context["address"]
    assert lead.startswith(f"{redirect_uri}?")
    assert query_of(lead)["state"] == "of the app"
    return query_of(lead)["code"]


def exchange(code: str, **changes: str) -> Any:
    """Ask for tokens as an app does."""
    body = {"code": code, "code_verifier": VERIFIER, "redirect_uri": APP, **changes}
    return APIClient().post(TOKENS, body, format="json")


def test_an_app_gets_its_tokens_once(
    configure: Configure, provider: IdentityProvider, linked: User, api_as: Any
) -> None:
    configure(provider_app_redirects=REDIRECTS)
    code = code_of(provider)
    body = {"code": code, "code_verifier": VERIFIER, "redirect_uri": APP}
    found = api_as(None).post(TOKENS, body)
    assert found.status_code == 200
    app = APIClient()
    app.credentials(HTTP_AUTHORIZATION=f"Bearer {found.json()['access']}")
    assert app.get("/api/v1/me/").json()["username"] == "dora"
    assert LogIn.objects.get().how == "provider"
    again = api_as(None).post(TOKENS, body)
    assert (again.status_code, again.json()["code"]) == (401, "code_invalid")


def test_a_code_is_for_the_app_that_began(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_app_redirects=REDIRECTS)
    code = code_of(provider)
    for wrong in (
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"redirect_uri": "http://127.0.0.1/done"},
        {"code": "another"},
    ):
        assert exchange(**{"code": code, **wrong}).json()["code"] == "code_invalid", wrong
    assert exchange(code).status_code == 200


def test_a_code_has_a_time(configure: Configure, provider: IdentityProvider, linked: User) -> None:
    configure(provider_app_redirects=REDIRECTS)
    code = code_of(provider)
    row = AppCode.objects.get()
    assert code not in (row.digest, row.challenge)
    AppCode.objects.update(expires_at=row.expires_at - apps.VALID_FOR)
    assert exchange(code).status_code == 401


def test_the_second_factor_comes_with_the_code(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_app_redirects=REDIRECTS)
    codes = service.confirm_app(linked, pyotp.TOTP(totp.begin(linked)).now())
    assert codes
    code = code_of(provider)
    assert exchange(code).json()["code"] == "otp_required"
    assert exchange(code, otp="not-a-code").json()["code"] == "otp_invalid"
    assert exchange(code, otp=codes[0]).status_code == 200
    assert LogIn.objects.get().factor == "recovery"


def test_who_is_suspended_gets_no_tokens(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_app_redirects=REDIRECTS)
    code = code_of(provider)
    services.suspend(user=linked)
    assert exchange(code).json()["code"] == "suspended"


def test_an_app_on_this_machine_has_any_port(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_app_redirects=REDIRECTS)
    address = "http://127.0.0.1:51234/done"
    assert exchange(code_of(provider, address), redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "org.example.other:/done"},
        {"redirect_uri": "org.example.photos:/done/more"},
        {"redirect_uri": "http://127.0.0.1:51234/other"},
        {"redirect_uri": "http://127.0.0.2:51234/done"},
        {"redirect_uri": "http://user@127.0.0.1:51234/done"},
        {"redirect_uri": "org.example.photos:/done#x"},
        {"redirect_uri": ""},
        {"code_challenge": "short"},
        {"code_challenge_method": "plain"},
        {"state": "s" * 501},
    ],
)
def test_what_no_app_may_ask_for(configure: Configure, changes: dict[str, str]) -> None:
    configure(provider_app_redirects=REDIRECTS)
    found = Client().get(START, asked(**changes))
    assert (found.status_code, urlsplit(found.get("Location", "")).path) == (400, "")


def test_without_the_setting_no_app_may(configure: Configure) -> None:
    configure()
    assert Client().get(START, asked()).status_code == 400
