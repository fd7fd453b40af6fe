"""Verbs of those who leave: ask for the deletion of one's account, come back.

The deletion itself is of a higher layer (``social.profiles``), which knows all that is theirs.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import services
from accounts.departures.mails import tell_leaving_on_commit
from accounts.models import Departure, User


@transaction.atomic
def depart(*, user: User) -> Departure:
    """Hide an account at once, end its log-ins, and have it deleted when the days are over.

    Asked again while that is under way, the first time counts. A mail says when it goes and how to
    keep it. Costs as much as ``accounts.services.hide``, and two statements.

    Raises ``PermissionDenied`` for somebody who has been suspended meanwhile, who could come back
    by it; ``StorageUnavailable`` if the pictures stay at their addresses. Nothing is changed then.
    """
    if not services.hide(user=user):
        if departure := Departure.objects.filter(user=user).first():
            return departure
        raise PermissionDenied
    tell_leaving_on_commit(user)
    return Departure.objects.create(user=user, leaves_at=services.leaving_at())


@transaction.atomic
def come_back(*, user: User) -> bool:
    """Keep the account of somebody who has logged in; tell whether it was to be deleted.

    Who is suspended as well stays hidden, and leaves. Costs one statement for somebody who does
    not leave, else about twice as much as ``accounts.services.show``.
    """
    if not Departure.objects.filter(user=user).exists():
        return False
    services.lock_counters(user=user)
    if not Departure.objects.open_to_return().filter(user=user).delete()[0]:
        return False
    services.show(user=user)
    return True


def due() -> QuerySet[User]:
    """Return the people whose accounts are to be deleted by now, the first first."""
    departures = Departure.objects.due(timezone.now())
    return User.objects.filter(departure__in=departures).order_by("departure__leaves_at")


def is_due(user: User) -> bool:
    """Tell whether this account is to be deleted by now. One query.

    Whoever locks the person's counters before can rely on it until the transaction ends.
    """
    return Departure.objects.due(timezone.now()).filter(user=user).exists()
