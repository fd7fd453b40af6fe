"""Attempts that are limited: log-ins, sign-ups and mails, counted for all instances together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Attempts(models.Model):
    """How often one thing was tried in a window of time; ``accounts.authentication`` counts.

    The key is a keyed hash of what is limited and of whom: names that are tried at a log-in are
    not always names, sometimes somebody types their password there.
    """

    key = models.CharField(max_length=64, primary_key=True)
    tried = models.PositiveIntegerField(default=0, db_default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "attempts"
        constraints: ClassVar = [
            models.CheckConstraint(name="attempts_has_key", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        """Return how many there were, and until when they count."""
        return f"{self.tried} until {self.ends_at}"
