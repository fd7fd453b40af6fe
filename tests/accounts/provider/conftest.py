"""A provider, and sites whose people sign in with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.doors import site
from accounts.factors.sealing import seal
from accounts.models import Identity, SiteSettings, User
from accounts.provider import client
from tests.accounts.provider.server import IdentityProvider, identity_provider
from tests.factories import PASSWORD, make_user

Configure = Callable[..., SiteSettings]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Run a provider for all tests of the process."""
    with identity_provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    """Return the provider, of which this process knows nothing yet."""
    client._provider.cache_clear()
    return running


@pytest.fixture
def configure(db: None, provider: IdentityProvider) -> Configure:
    """Return a function that saves the site's settings, with the provider in them."""

    def save(**fields: Any) -> SiteSettings:
        known = {
            "provider_label": "Club ID",
            "provider_issuer": provider.issuer,
            "provider_client_id": "photos",
            "provider_secret": seal("a client's secret"),
        }
        row = SiteSettings(**{**known, **fields})
        row.clean_fields()
        row.clean()
        site.change(row)
        return row

    return save


@pytest.fixture
def dora(db: None) -> User:
    """Return somebody with a password."""
    return make_user("dora", password=PASSWORD)


@pytest.fixture
def linked(dora: User, provider: IdentityProvider) -> User:
    """Return somebody whose account is linked to "sub-dora" at the provider."""
    provider.tell("sub-dora")
    Identity.objects.create(user=dora, issuer=provider.issuer, subject="sub-dora")
    return dora


@pytest.fixture(autouse=True)
def mails_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails inside the request: a thread would not see what a test has not committed."""
    for module in ("accounts.factors.mails", "accounts.logins.mails", "accounts.doors.mails"):
        monkeypatch.setattr(f"{module}.later", lambda task, argument: task.call(argument))
