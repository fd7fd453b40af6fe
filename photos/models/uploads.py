"""The tables of uploads on their way to be photos: drafts and media."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, moment_of
from photos.models.photos import ALT_TEXT_LENGTH, CAPTION_LENGTH
from photos.pictures import Picture


class DraftQuerySet(models.QuerySet["Draft"]):
    """Questions about drafts: nobody sees one but its author."""

    def owned_by(self, user: User) -> DraftQuerySet:
        """Keep the drafts of ``user``."""
        return self.filter(author=user)

    def with_media(self) -> DraftQuerySet:
        """Bring the uploads along, in one more query."""
        return self.prefetch_related("media")


class Draft(models.Model):
    """A photo that waits for its pictures to be processed, visible to its author only.

    Its id becomes that of the photo. It is gone once the photo is published.
    """

    id = IdField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", db_index=False
    )
    caption = models.TextField(max_length=CAPTION_LENGTH, blank=True)
    show_camera = models.BooleanField(default=False, db_default=False)

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["author", "-id"], name="draft_author_newest")]

    def __str__(self) -> str:
        """Return the code that the photo will have."""
        return f"draft {encode(self.pk)}"

    @property
    def created_at(self) -> datetime:
        """When it was sent, taken from the id."""
        return moment_of(self.pk)

    @property
    def state(self) -> str:
        """``failed`` if one of its uploads has failed, else ``processing``."""
        failed = any(media.state == Media.State.FAILED for media in self.media.all())
        return Media.State.FAILED if failed else Media.State.PROCESSING

    def get_absolute_url(self) -> str:
        """Return the address of the author's list of drafts."""
        return reverse("social:drafts")


class MediaQuerySet(models.QuerySet["Media"]):
    """Questions about uploads: nobody sees one but its owner."""

    def owned_by(self, user: User) -> MediaQuerySet:
        """Keep the uploads of ``user``."""
        return self.filter(owner=user)

    def unattached(self) -> MediaQuerySet:
        """Keep the uploads that are part of no draft."""
        return self.filter(draft=None)


class Media(models.Model):
    """One uploaded file that is to become a picture of a photo; deleted once that is published.

    The row holds the state of the work: a task in the queue only names it.
    """

    class State(models.TextChoices):
        """The states of processing."""

        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    id = IdField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="media", db_index=False
    )
    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="media")
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    alt_text = models.TextField(max_length=ALT_TEXT_LENGTH, blank=True)
    state = models.CharField(
        max_length=10, choices=State, default=State.PROCESSING, db_default=State.PROCESSING
    )
    # Why it failed: a code of ``photos.images.MESSAGES``.
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Until when the process that works on it is believed to be alive.
    claimed_until = models.DateTimeField(null=True)
    mime = models.CharField(max_length=40)
    original = models.CharField(max_length=200)
    # ``photos.pictures.Picture`` once it is ready
    picture = models.JSONField(default=dict, db_default={}, blank=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "media"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="media_failed_with_reason", condition=~Q(state="failed") | ~Q(reason="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="media_owner_newest"),
            # The sweep looks here; most rows are ready and not part of it.
            models.Index(
                fields=["claimed_until"], name="media_waiting", condition=Q(state="processing")
            ),
            # Few are: their owners are told.
            models.Index(fields=["draft"], name="media_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        """Return its id and state."""
        return f"media {self.pk} ({self.state})"

    @property
    def file_names(self) -> list[str]:
        """The storage names of all its files, the original included."""
        return Picture(**self.picture).file_names if self.picture else [self.original]
