"""Somebody signs in with the provider: the whole way, with a real one."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client

from accounts import services
from accounts.departures import leaving
from accounts.factors import service, totp
from accounts.models import Identity, LogIn, User
from tests.accounts.provider.conftest import Configure
from tests.accounts.provider.server import (
    IdentityProvider,
    back,
    is_in,
    query_of,
    sent_to,
    sign_in,
)
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_browser_is_sent_with_all_that_protects_it(
    configure: Configure, provider: IdentityProvider
) -> None:
    configure(provider_scopes="groups")
    address = sent_to(Client())
    asked = query_of(address)
    assert address.startswith(f"{provider.issuer}/oauth2/authorize?")
    assert asked["redirect_uri"] == "http://testserver/login/provider/answer/"
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile email groups"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20


def test_whose_account_is_linked_is_logged_in_and_led_on(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    found = sign_in(client, provider, "sub-dora", next="/upload/")
    assert found["Location"] == "/upload/"
    assert is_in(client)
    row = LogIn.objects.get()
    assert (row.user, row.how, row.factor) == (linked, "provider", "")
    assert row.session_key == client.session.session_key
    assert Identity.objects.get().used_at is not None
    assert "by the site’s provider" in client.get("/settings/sessions/").content.decode()


def test_the_session_gets_another_key(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    address = sent_to(client)
    before = client.cookies["sessionid"].value
    back(client, provider.log_in(address, "sub-dora"))
    assert client.cookies["sessionid"].value != before
    other = Client()
    other.cookies["sessionid"] = before
    assert not is_in(other)


def test_a_new_device_is_told_of(
    configure: Configure,
    provider: IdentityProvider,
    linked: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    configure()
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(Client(), provider, "sub-dora")
    assert [message.to for message in mail.outbox] == [[linked.email]]


def test_next_stays_on_this_site(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    found = sign_in(Client(), provider, "sub-dora", next="https://elsewhere.example/")
    assert found["Location"] == "/feed/"


def test_the_own_second_factor_is_asked_for(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    codes = service.confirm_app(linked, pyotp.TOTP(totp.begin(linked)).now())
    assert codes
    client = Client()
    found = sign_in(client, provider, "sub-dora", next="/upload/")
    assert found["Location"] == "/login/second-step/?next=%2Fupload%2F"
    assert not is_in(client)
    typed = {"code": codes[0], "next": "/upload/"}
    assert client.post(found["Location"], typed)["Location"] == "/upload/"
    assert is_in(client)
    row = LogIn.objects.get()
    assert (row.how, row.factor) == ("provider", "recovery")


def test_the_provider_counts_as_both_if_the_site_says_so(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_is_second_factor=True, staff_second_factor=True)
    service.confirm_app(linked, pyotp.TOTP(totp.begin(linked)).now())
    linked.is_staff = linked.is_superuser = True
    linked.save()
    client = Client()
    assert sign_in(client, provider, "sub-dora", next="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert LogIn.objects.get().factor == "provider"


def test_who_is_suspended_stays_out(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    services.suspend(user=linked)
    client = Client()
    found = sign_in(client, provider, "sub-dora")
    assert (found.status_code, is_in(client)) == (403, False)
    assert "suspended" in found.content.decode()


def test_who_was_leaving_stays_by_it(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    leaving.depart(user=linked)
    client = Client()
    sign_in(client, provider, "sub-dora")
    assert is_in(client)


def test_a_required_claim_keeps_others_out(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure(provider_claim="groups", provider_claim_value="photographers")
    for groups, comes_in in [(["singers"], False), (["singers", "photographers"], True)]:
        provider.tell("sub-dora", groups=groups)
        client = Client()
        found = sign_in(client, provider, "sub-dora")
        assert (found.status_code, is_in(client)) == (302 if comes_in else 403, comes_in)


def test_a_required_claim_may_be_inside_another_or_true(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    provider.tell("sub-dora", realm_access={"roles": ["member"]}, paid=True)
    configure(provider_claim="realm_access.roles", provider_claim_value="member")
    assert sign_in(Client(), provider, "sub-dora").status_code == 302
    configure(provider_claim="paid", provider_claim_value="true")
    assert sign_in(Client(), provider, "sub-dora").status_code == 302
    configure(provider_claim="realm_access.roles", provider_claim_value="other")
    assert sign_in(Client(), provider, "sub-dora").status_code == 403


def test_the_only_way_shuts_passwords_and_passkeys_but_for_the_staff(
    configure: Configure, provider: IdentityProvider, linked: User, api_as: Any
) -> None:
    configure(provider_only=True)
    words = {"username": "dora", "password": PASSWORD}
    page = Client().get("/login/").content.decode()
    assert 'name="password"' not in page
    assert "/login/provider/" in page
    client = Client()
    refused = client.post("/login/", words)
    assert (refused.status_code, is_in(client)) == (403, False)
    assert "Club ID" in refused.content.decode()
    assert api_as(None).post("/api/v1/auth/token/", words).json()["code"] == "provider_only"
    assert Client().get("/signup/")["Location"] == "/login/provider/"
    assert sign_in(client, provider, "sub-dora").status_code == 302
    linked.is_staff = True
    linked.save()
    assert 'name="password"' in Client().get("/login/?password").content.decode()
    staff = Client()
    assert staff.post("/login/", words).status_code == 302
    assert is_in(staff)


def test_without_a_provider_there_is_none(db: None, browser_as: Any, alice: User) -> None:
    for path in ("", "answer/", "app/"):
        assert Client().get(f"/login/provider/{path}").status_code == 404
    assert browser_as(alice).get("/settings/security/provider/").status_code == 404
    assert "/login/provider/" not in Client().get("/login/").content.decode()


def test_who_is_logged_in_is_led_on(configure: Configure, browser_as: Any, alice: User) -> None:
    configure()
    found = browser_as(alice).get("/login/provider/?next=/upload/")
    assert found["Location"] == "/upload/"
