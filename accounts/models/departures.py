"""Who leaves: accounts that are to be deleted, and when."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.users import User


class DepartureQuerySet(models.QuerySet["Departure"]):
    """Filters of departures, in the terms of the domain."""

    def open_to_return(self) -> DepartureQuerySet:
        """Keep those that a log-in ends: of people who are not suspended beside it."""
        return self.filter(is_suspended=False)

    def due(self, now: datetime) -> DepartureQuerySet:
        """Keep those whose account is to be deleted at ``now``; a suspension puts that off."""
        return self.open_to_return().filter(leaves_at__lte=now)


class Departure(models.Model):
    """Somebody who has asked for the account to be deleted, until it is or they log in again.

    They are not active meanwhile, which is what hides them. As moderators suspend people in the
    same way, ``is_suspended`` says whether they have done that too: then no log-in brings them
    back, and nothing is deleted.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="departure")
    asked_at = models.DateTimeField(default=timezone.now, db_default=Now())
    leaves_at = models.DateTimeField(db_index=True)
    is_suspended = models.BooleanField(default=False, db_default=False)

    objects = DepartureQuerySet.as_manager()

    def __str__(self) -> str:
        """Return whose account it is and when it goes."""
        return f"{self.user_id} leaves on {self.leaves_at:%Y-%m-%d}"
