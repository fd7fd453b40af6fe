"""The tables of uploads on their way to be photos: drafts and media."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

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

    def unsent(self) -> DraftQuerySet:
        """Keep those that their authors still work on."""
        return self.filter(sent=False)

    def sent(self) -> DraftQuerySet:
        """Keep those that are published as soon as their pictures are ready."""
        return self.filter(sent=True)

    def with_media(self) -> DraftQuerySet:
        """Bring the uploads along, in one more query."""
        return self.prefetch_related("media")


class Draft(models.Model):
    """A photo that is not published yet, visible to its author only, and gone once it is.

    One that was sent waits for its pictures to be processed, and its id becomes that of the photo.
    One that was not is what its author still works on: words, pictures, their order and crops.
    """

    id = IdField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", db_index=False
    )
    caption = models.TextField(max_length=CAPTION_LENGTH, blank=True)
    show_camera = models.BooleanField(default=False, db_default=False)
    sent = models.BooleanField(default=True, db_default=True)
    # When its author last changed it.
    saved_at = models.DateTimeField(default=timezone.now, db_default=Now())

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["author", "-id"], name="draft_author_newest"),
            # Those that nobody has taken up again for long are thrown away.
            models.Index(fields=["saved_at"], name="draft_unsent", condition=Q(sent=False)),
        ]

    def __str__(self) -> str:
        """Return the code that the photo will have."""
        return f"draft {encode(self.pk)}"

    @property
    def created_at(self) -> datetime:
        """When it was sent, taken from the id."""
        return moment_of(self.pk)

    @property
    def state(self) -> str:
        """``unsent``, or ``failed`` if one of its uploads has failed, else ``processing``."""
        if not self.sent:
            return "unsent"
        failed = any(media.state == Media.State.FAILED for media in self.media.all())
        return Media.State.FAILED if failed else Media.State.PROCESSING

    def get_absolute_url(self) -> str:
        """Return the address where its author goes on, or that of the list of drafts."""
        if not self.sent:
            return reverse("social:draft", args=[self.pk])
        return reverse("social:drafts")


class MediaQuerySet(models.QuerySet["Media"]):
    """Questions about uploads: nobody sees one but its owner."""

    def owned_by(self, user: User) -> MediaQuerySet:
        """Keep the uploads of ``user``."""
        return self.filter(owner=user)

    def unattached(self) -> MediaQuerySet:
        """Keep the uploads that are part of no draft."""
        return self.filter(draft=None)

    def editable(self) -> MediaQuerySet:
        """Keep the uploads that may still be changed: of no draft, or of one that is not sent."""
        unsent = Draft.objects.filter(pk=OuterRef("draft"), sent=False)
        return self.filter(Q(draft=None) | Exists(unsent))


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
    # Why it failed: a code of ``photos.refusals.MESSAGES``.
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Until when the process that works on it is believed to be alive.
    claimed_until = models.DateTimeField(null=True)
    mime = models.CharField(max_length=40)
    original = models.CharField(max_length=200)
    # How it is to be shown: quarter turns clockwise, and what is then kept of it as fractions of
    # its width and height (left, top, width, height), all of it if empty.
    turn = models.PositiveSmallIntegerField(default=0, db_default=0)
    crop = models.JSONField(default=list, db_default=[], blank=True)
    # Counts the changes of those: what was made before the last one is out of date.
    revision = models.PositiveIntegerField(default=0, db_default=0)
    # The storage name of a picture of all of it, not turned, by which its owner goes on cropping.
    whole = models.CharField(max_length=200, blank=True)
    # ``photos.pictures.Picture`` once it is ready
    picture = models.JSONField(default=dict, db_default={}, blank=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "media"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="media_failed_with_reason", condition=~Q(state="failed") | ~Q(reason="")
            ),
            models.CheckConstraint(name="media_quarter_turns", condition=Q(turn__lt=4)),
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
        names = Picture(**self.picture).file_names if self.picture else [self.original]
        return [*names, self.whole] if self.whole else names

    @property
    def preview_sizes(self) -> list[tuple[int, int, str]]:
        """Width, height and storage name of the pictures of what is made, narrowest first."""
        return [tuple(size) for size in self.picture.get("renditions", ())]

    @property
    def is_adjusted(self) -> bool:
        """Tell whether it is turned or cropped."""
        return bool(self.turn or self.crop)
