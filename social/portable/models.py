"""The tables of portable data: the archive that somebody asked for, and archives they bring."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of


class ExportQuerySet(models.QuerySet["Export"]):
    """Filters of exports, in the terms of the domain."""

    def unfinished(self) -> ExportQuerySet:
        """Keep those that are still to be made."""
        return self.filter(state=Export.State.MAKING)

    def unclaimed(self) -> ExportQuerySet:
        """Keep those that nobody works on, or whose process has died."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lt=timezone.now()))

    def ended(self) -> ExportQuerySet:
        """Keep those whose time is over: their archive is to be deleted."""
        return self.filter(ends_at__lte=timezone.now())


class Export(models.Model):
    """The archive of everything that is ``owner``'s: in the making, ready, or failed.

    One for each person. The row holds the state of the work: a task in the queue only wakes the
    worker.
    """

    class State(models.TextChoices):
        """The states of an export."""

        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    id = IdField()
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="export", editable=False
    )
    state = models.CharField(
        max_length=10, choices=State, default=State.MAKING, db_default=State.MAKING
    )
    # Why it failed: a code of ``social.portable.export.service.REASONS``.
    reason = models.CharField(max_length=40, blank=True)
    # Pictures that are in the archive, and how many there will be.
    done = models.PositiveIntegerField(default=0, db_default=0)
    total = models.PositiveIntegerField(default=0, db_default=0)
    # The photo that was written last.
    after = models.BigIntegerField(default=0, db_default=0)
    # The storage name of the archive, and its bytes, once it is ready.
    archive = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0, db_default=0)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Until when the process that works on it is believed to be alive.
    claimed_until = models.DateTimeField(null=True)
    # When the archive is deleted.
    ends_at = models.DateTimeField(null=True, db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="export_ready_with_archive",
                condition=~Q(state="ready") | (~Q(archive="") & Q(ends_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="export_failed_with_reason", condition=~Q(state="failed") | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is and how far."""
        return f"export of {self.owner_id} ({self.state})"

    @property
    def asked_at(self) -> datetime:
        """When it was asked for, taken from the id."""
        return moment_of(self.pk)
