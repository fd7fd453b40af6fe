"""Linking an account to one at the provider, and ending that."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Identity, User
from accounts.provider import identities
from tests.accounts.provider.conftest import Configure
from tests.accounts.provider.server import IdentityProvider, back, is_in, sent_to, sign_in
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAGE = "/settings/security/provider/"
START = "/settings/security/provider/link/"


def sure(browser: Client) -> Client:
    """Type the password on the page that links."""
    assert START in browser.post(PAGE, {"password": PASSWORD}).content.decode()
    return browser


def test_an_account_is_linked_after_its_password(
    configure: Configure,
    provider: IdentityProvider,
    dora: User,
    browser_as: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    configure()
    provider.tell("sub-dora")
    client = browser_as(dora)
    assert client.get(START)["Location"] == PAGE
    assert client.post(PAGE, {"password": "not-the-password"}).status_code == 422
    assert client.get(START)["Location"] == PAGE
    address = provider.log_in(sent_to(sure(client), START), "sub-dora")
    with django_capture_on_commit_callbacks(execute=True):
        assert back(client, address)["Location"] == PAGE
    assert "You can log in" in mail.outbox[0].body
    assert "has been linked since" in client.get(PAGE).content.decode()
    assert client.get(START)["Location"] == PAGE
    assert sign_in(Client(), provider, "sub-dora")["Location"] == "/feed/"


def test_nothing_is_linked_to_somebody_else_who_logs_in_meanwhile(
    configure: Configure, provider: IdentityProvider, dora: User, browser_as: Any, alice: User
) -> None:
    configure()
    provider.tell("sub-dora")
    client = sure(browser_as(dora))
    address = provider.log_in(sent_to(client, START), "sub-dora")
    session = dict(client.session.items())
    client.force_login(alice)
    kept = client.session
    kept.update({key: value for key, value in session.items() if key.startswith("_state_")})
    kept.save()
    assert back(client, address)["Location"] == PAGE
    assert not Identity.objects.exists()


def test_what_one_account_has_no_other_gets(
    configure: Configure, provider: IdentityProvider, linked: User, browser_as: Any
) -> None:
    configure()
    client = sure(browser_as(make_user("alice", password=PASSWORD)))
    back(client, provider.log_in(sent_to(client, START), "sub-dora"))
    assert Identity.objects.get().user == linked
    assert "already linked" in client.get(PAGE).content.decode()


def test_the_link_ends_after_the_password(
    configure: Configure,
    provider: IdentityProvider,
    linked: User,
    browser_as: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    configure(provider_new_people="nobody")
    client = browser_as(linked)
    assert client.post(f"{PAGE}unlink/", {"password": "wrong"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{PAGE}unlink/", {"password": PASSWORD})["Location"] == PAGE
    assert "no longer linked" in mail.outbox[0].body
    other = Client()
    assert sign_in(other, provider, "sub-dora").status_code == 403
    assert not is_in(other)


def test_the_only_way_in_stays(
    configure: Configure, provider: IdentityProvider, linked: User, browser_as: Any
) -> None:
    configure(provider_only=True)
    found = browser_as(linked).post(f"{PAGE}unlink/", {"password": PASSWORD})
    assert found.status_code == 422
    assert Identity.objects.exists()
    configure()
    linked.set_unusable_password()
    linked.save()
    with pytest.raises(ValidationError, match="only way"):
        identities.unlink(user=linked)
    assert Identity.objects.exists()
