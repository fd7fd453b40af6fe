"""What a suspended person is told at the log-in: why, until when, and how to appeal.

Only who has the right password is told; a wrong one is answered alike for every name. Suspensions
are decided in a higher layer, which says what is known of one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings

from accounts.models import Departure, User


class Suspension(NamedTuple):
    """Why somebody cannot log in; all of it may be empty."""

    reason: str = ""
    ends_at: datetime | None = None
    # The path of the page with the decision, where it can be appealed against without a log-in.
    path: str = ""

    @property
    def sentence(self) -> str:
        """What it is, until when, and why, in words."""
        until = ""
        if self.ends_at is not None:
            until = f" until {self.ends_at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
        why = f" The reason: {self.reason}" if self.reason else ""
        return f"This account is suspended{until}.{why}"

    @property
    def address(self) -> str:
        """The address of the page with the decision; empty without one."""
        return settings.SITE_URL + self.path if self.path else ""


# What is known of why somebody is suspended, and what restores somebody whose suspension is over.
Explain = Callable[[User], Suspension]
EndIfOver = Callable[[User], object]
_records: list[tuple[Explain, EndIfOver]] = []


def recorded_by(explain: Explain, end_if_over: EndIfOver) -> None:
    """Ask these functions of another app about suspensions."""
    _records.append((explain, end_if_over))


def lets_in(user: User) -> bool:
    """Tell whether somebody who has proved who they are may come in.

    They are active, or their suspension is over, or they have asked for the account to be deleted,
    which the log-in takes back (``accounts.logins.service``). No query for who is active, else
    three, and those of ``accounts.services.restore``.
    """
    if user.is_active or ended(user):
        return True
    return Departure.objects.open_to_return().filter(user=user).exists()


def ended(user: User) -> bool:
    """Tell whether a person who was suspended is active again, as their suspension is over.

    Two queries, and those of ``accounts.services.restore``.
    """
    for _, end_if_over in _records:
        end_if_over(user)
    user.refresh_from_db(fields=["is_active", "auth_version"])
    return user.is_active


def suspension_of(request: Any) -> Suspension | None:
    """Return why a log-in was refused whose password was right; ``None`` for any other.

    ``request`` is that of a page or of the API after ``authenticate`` was asked. One query.
    """
    user: User | None = getattr(request, "shut_out", None)
    if user is None:
        return None
    known = [explain(user) for explain, _ in _records]
    return next(iter(known), Suspension())
