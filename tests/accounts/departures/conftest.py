"""Somebody who leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Departure, User
from tests.accounts.factors.conftest import app, clock, key, named_site
from tests.factories import PASSWORD, make_user

__all__ = ["app", "clock", "key", "named_site"]


@pytest.fixture(autouse=True)
def mails_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails inside the request: a thread would not see what a test has not committed."""
    for module in ("accounts.factors.mails", "accounts.logins.mails", "accounts.departures.mails"):
        monkeypatch.setattr(f"{module}.later", lambda task, argument: task.call(argument))


@pytest.fixture
def dora(db: None) -> User:
    """Return somebody with a password and no second factor."""
    return make_user("dora", password=PASSWORD)


@pytest.fixture
def days_pass() -> Callable[[int], None]:
    """Return a function that lets days pass for everybody who leaves."""

    def passed(days: int) -> None:
        for one in Departure.objects.all():
            one.leaves_at -= timedelta(days=days)
            one.save()

    return passed


def days_left(user: User) -> int:
    """Return how many days are left, in whole ones."""
    return round((Departure.objects.get(user=user).leaves_at - timezone.now()) / timedelta(days=1))
