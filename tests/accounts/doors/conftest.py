"""Fixtures for the tests of the doors."""

from __future__ import annotations

import pytest

from accounts.doors import mails


@pytest.fixture(autouse=True)
def mails_of_the_doors_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails where they are ordered: most tests never commit."""
    monkeypatch.setattr(mails, "later", lambda task, argument: task.call(argument))
    monkeypatch.setattr(mails, "transaction", Committing)


class Committing:
    """Stands for ``django.db.transaction`` where what waits for the commit is done at once."""

    @staticmethod
    def on_commit(deed: object) -> None:
        """Do it."""
        assert callable(deed)
        deed()
