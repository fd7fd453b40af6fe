"""The tables of portable data: the archive that somebody asked for, and archives they bring."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
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


class ImportQuerySet(models.QuerySet["Import"]):
    """Filters of imports, in the terms of the domain."""

    def unfinished(self) -> ImportQuerySet:
        """Keep those that a worker has something to do for."""
        return self.filter(state__in=(Import.State.READING, Import.State.IMPORTING))

    def unclaimed(self) -> ImportQuerySet:
        """Keep those that nobody works on, or whose process has died."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lt=timezone.now()))

    def of_members(self) -> ImportQuerySet:
        """Keep those of people who are neither suspended nor leaving: theirs wait."""
        return self.filter(owner__is_active=True)

    def ended(self) -> ImportQuerySet:
        """Keep those whose time is over: what is left of them is to be deleted."""
        return self.filter(ends_at__lte=timezone.now())


class Import(models.Model):
    """An archive that ``owner`` brings along: sent, looked through, decided on, brought along.

    One for each person. The row holds the state of the work: a task in the queue only wakes the
    worker.
    """

    class State(models.TextChoices):
        """The states of an import, in their order."""

        RECEIVING = "receiving"
        READING = "reading"
        READY = "ready"
        IMPORTING = "importing"
        DONE = "done"
        FAILED = "failed"

    class Audience(models.TextChoices):
        """Who is to see the photos."""

        # As the archive says; what it says nothing of is for its author alone.
        KEPT = "kept"
        # The latter is shown as all photos of the person are.
        SHOWN = "shown"
        # All of them are for their author alone.
        ALONE = "alone"

    id = IdField()
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="archive_import", editable=False
    )
    state = models.CharField(
        max_length=10, choices=State, default=State.RECEIVING, db_default=State.RECEIVING
    )
    # Why it failed: a code of ``social.portable.jobs.refusals.REASONS``, and the entry at fault.
    reason = models.CharField(max_length=40, blank=True)
    reason_name = models.CharField(max_length=100, blank=True)
    # What the file is called on the person's disk; its bytes, how many are here, and how many each
    # part has but the last.
    name = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0, db_default=0)
    part_size = models.PositiveIntegerField()
    # What kind of archive it is, and what is in it.
    source = models.CharField(max_length=40, blank=True)
    found = models.PositiveIntegerField(default=0, db_default=0)
    first = models.DateTimeField(null=True)
    last = models.DateTimeField(null=True)
    # What became of the pictures; with ``refused`` they add up to ``found`` once it is done.
    imported = models.PositiveIntegerField(default=0, db_default=0)
    already = models.PositiveIntegerField(default=0, db_default=0)
    refused = models.PositiveIntegerField(default=0, db_default=0)
    # Of the imported.
    alone = models.PositiveIntegerField(default=0, db_default=0)
    comments = models.PositiveIntegerField(default=0, db_default=0)
    # Posts that are looked at or brought along, and how many there are.
    done = models.PositiveIntegerField(default=0, db_default=0)
    total = models.PositiveIntegerField(default=0, db_default=0)
    audience = models.CharField(
        max_length=5, choices=Audience, default=Audience.KEPT, db_default=Audience.KEPT
    )
    # Where the photos are put beside; it may be gone meanwhile.
    album_id = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Until when the process that works on it is believed to be alive.
    claimed_until = models.DateTimeField(null=True)
    # When it is deleted; never while a worker has something to do for it.
    ends_at = models.DateTimeField(null=True, db_index=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="import_received_within_size",
                condition=Q(size__gt=0) & Q(received__gte=0) & Q(received__lte=F("size")),
            ),
            models.CheckConstraint(
                name="import_read_once_received",
                condition=Q(state__in=("receiving", "done", "failed")) | Q(received=F("size")),
            ),
            models.CheckConstraint(
                name="import_failed_with_reason", condition=~Q(state="failed") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="import_ends_unless_worked_on",
                condition=Q(state__in=("reading", "importing")) | Q(ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is and how far."""
        return f"import of {self.owner_id} ({self.state})"

    @property
    def begun_at(self) -> datetime:
        """When it was begun, taken from the id."""
        return moment_of(self.pk)


class ImportPart(models.Model):
    """A part of the archive of an import, in storage: all but the last are of one size."""

    id = IdField()
    of = models.ForeignKey(Import, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    # The storage name.
    file = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("of", "number"), name="import_part_once"),
        ]

    def __str__(self) -> str:
        """Return which part it is."""
        return f"part {self.number} of import {self.of_id}"


class ImportRefusal(models.Model):
    """A file of an archive that is not taken, and why."""

    id = IdField()
    of = models.ForeignKey(Import, models.CASCADE, related_name="refusals", db_index=False)
    # Its name in the archive.
    name = models.CharField(max_length=200)
    # A code of ``social.portable.jobs.refusals.SENTENCES``.
    code = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("of", "id"), name="import_refusals")]

    def __str__(self) -> str:
        """Return the name and the code."""
        return f"{self.name}: {self.code}"
