"""The table of what is hidden, and why: the bin."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of
from photos.models.photos import Photo


class RemovalQuerySet(models.QuerySet["Removal"]):
    """Filters of removals, in the terms of the domain."""

    def deleted_by(self, author: User) -> RemovalQuerySet:
        """Keep what ``author`` has deleted and can still bring back, or delete for good.

        Selects the photos, and annotates ``is_withheld``: whether moderators hide it as well.
        """
        theirs = Removal.objects.filter(photo=OuterRef("photo"), by=Removal.By.MODERATORS)
        mine = self.filter(owner=author, by=Removal.By.AUTHOR, final=False)
        return mine.annotate(is_withheld=Exists(theirs)).select_related("photo")

    def due(self) -> RemovalQuerySet:
        """Keep those whose photo is to be deleted with its files, as its time in the bin is over.

        What its author brought back has no row.
        """
        return self.filter(purge_at__lte=timezone.now())


class Removal(models.Model):
    """Why a photo is hidden: its author has deleted it, or moderators have hidden it.

    A photo is hidden while it has a row here, at most one for each of the two. ``purge_at`` is when
    it is deleted with its files; empty while moderators only hide it.
    """

    class By(models.TextChoices):
        """Who hides it."""

        AUTHOR = "author"
        MODERATORS = "moderators"

    id = IdField()
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="removals", db_index=False)
    # Repeated from the photo, so that the list of one person is an index read.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    by = models.CharField(max_length=10, choices=By)
    purge_at = models.DateTimeField(null=True, blank=True)
    # Deleted for good by its author: not in their list any more, and waits only for moderators.
    final = models.BooleanField(default=False, db_default=False)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["photo", "by"], name="removal_once"),
            models.CheckConstraint(
                name="removal_by_the_author_ends",
                condition=Q(by="moderators", final=False) | Q(by="author", purge_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="removal_owner_newest"),
            models.Index(fields=["purge_at"], name="removal_due"),
        ]

    def __str__(self) -> str:
        """Return what was hidden, and by whom."""
        return f"{self.photo}, by {self.get_by_display()}"

    @property
    def created_at(self) -> datetime:
        """When it was hidden, taken from the id."""
        return moment_of(self.pk)
