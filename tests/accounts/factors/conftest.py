"""People with second factors."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from accounts.factors import passkeys, service, totp
from accounts.models import Totp, User
from tests.accounts.factors.authenticator import Authenticator
from tests.factories import PASSWORD, make_user


@pytest.fixture(autouse=True)
def named_site(settings: Any) -> None:
    """Give the site a name, without which there are no passkeys."""
    settings.SITE_URL = "https://photos.example.org"


@pytest.fixture(autouse=True)
def mails_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails inside the request: a thread would not see what a test has not committed."""
    for module in ("accounts.factors.mails", "accounts.logins.mails"):
        monkeypatch.setattr(f"{module}.later", lambda task, argument: task.call(argument))


@pytest.fixture
def dora(db: None) -> User:
    """Return somebody with a password and no second factor."""
    return make_user("dora", password=PASSWORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a clock that the test moves: ``clock.now``, in seconds."""

    class Clock:
        now = 1_800_000_000.0

    monkeypatch.setattr("accounts.factors.totp.time.time", lambda: Clock.now)
    return Clock


@pytest.fixture
def app(dora: User, clock: Any) -> pyotp.TOTP:
    """Return the authenticator app of dora, a minute after it was set up."""
    secret = totp.begin(dora)
    held = pyotp.TOTP(secret)
    assert service.confirm_app(dora, held.at(clock.now))
    clock.now += 60
    assert Totp.objects.get().last_step
    return held


@pytest.fixture
def key(dora: User) -> Authenticator:
    """Return a passkey of dora."""
    device = Authenticator()
    question = passkeys.ask_to_add(dora)
    answer = device.create(question.options)
    service.add_passkey(dora, state=question.state, answer=answer, name="Phone")
    return device
