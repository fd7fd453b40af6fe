"""The tables of photos: the photo, its counters, likes and comments."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User, Viewer, reachable, viewable
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, moment_of
from photos.pictures import Picture

CAPTION_LENGTH = 2200
ALT_TEXT_LENGTH = 1000
COMMENT_LENGTH = 1000


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Filters of photos, in the terms of the domain."""

    def visible_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep the photos whose authors ``viewer`` may see, without hidden ones."""
        return self.filter(viewable(viewer, "author__"), hidden=False)

    def sent_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep the photos whose files ``viewer`` is sent: what is public even across a block."""
        seen = viewable(AnonymousUser(), "author__") | viewable(viewer, "author__")
        return self.filter(seen, hidden=False)

    def by(self, author: User) -> PhotoQuerySet:
        """Keep the photos that ``author`` published."""
        return self.filter(author=author)

    def with_author(self) -> PhotoQuerySet:
        """Select author and counters with each row; no further query."""
        return self.select_related("author", "stats")

    def newest_first(self) -> PhotoQuerySet:
        """Order by time of publishing: the id is the time."""
        return self.order_by("-id")


class Photo(models.Model):
    """A published photo: its texts, its size and the names of its files."""

    id = IdField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos", db_index=False
    )
    caption = models.TextField(max_length=CAPTION_LENGTH, blank=True)
    alt_text = models.TextField(max_length=ALT_TEXT_LENGTH, blank=True)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    # A data: address of a few pixels, painted until the picture arrives.
    placeholder = models.TextField(blank=True, editable=False)
    original = models.CharField(max_length=200, editable=False)
    # [[width, height, storage name], …], smallest first: always read whole, never searched.
    renditions = models.JSONField(default=list, db_default=[], editable=False)
    preview = models.CharField(max_length=200, blank=True, editable=False)
    # What the file says of camera, lens, exposure and time: shown only with ``show_camera``.
    camera = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    show_camera = models.BooleanField("show camera and exposure", default=False, db_default=False)
    # The further pictures of a carousel (``photos.pictures.Picture``).
    more = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # Blurred until tapped; seen by nobody and counted nowhere: moderators' (``photos.hiding``).
    sensitive = models.BooleanField(default=False, db_default=False, editable=False)
    hidden = models.BooleanField(default=False, db_default=False, editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="photo_has_area", condition=Q(width__gt=0) & Q(height__gt=0)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["author", "-id"], name="photo_author_newest"),
        ]

    def __str__(self) -> str:
        """Return the code that addresses use."""
        return f"photo {self.code}"

    @property
    def code(self) -> str:
        """The short code of the page's address."""
        return encode(self.pk)

    @property
    def created_at(self) -> datetime:
        """When it was published, taken from the id."""
        return moment_of(self.pk)

    @property
    def file_names(self) -> list[str]:
        """The storage names of all its files, the originals included."""
        return [name for picture in self.pictures for name in picture.file_names]

    @property
    def pictures(self) -> list[Picture]:
        """Its pictures in their order, the cover first."""
        cover = Picture(*(getattr(self, column.name) for column in fields(Picture)))
        return [cover, *(Picture(**further) for further in self.more)]

    def get_absolute_url(self) -> str:
        """Return the address of the photo's page."""
        return reverse("photos:photo", args=[self.pk])


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
        ]

    def __str__(self) -> str:
        """Return its id and state."""
        return f"media {self.pk} ({self.state})"

    @property
    def file_names(self) -> list[str]:
        """The storage names of all its files, the original included."""
        return Picture(**self.picture).file_names if self.picture else [self.original]


class PhotoStats(models.Model):
    """Counters beside the photo: a narrow row, changed by the last statement of a transaction.

    ``popularity`` follows from ``like_count``; stored, so that "popular" is an index read.
    """

    photo = models.OneToOneField(
        Photo, models.CASCADE, primary_key=True, related_name="stats", editable=False
    )
    like_count = models.PositiveIntegerField(default=0, db_default=0)
    comment_count = models.PositiveIntegerField(default=0, db_default=0)
    popularity = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "photo stats"
        indexes: ClassVar = [
            models.Index(fields=["-popularity", "-photo"], name="photostats_popular"),
        ]

    def __str__(self) -> str:
        """Return whose counters these are."""
        return f"counters of photo {self.photo_id}"


class LikeQuerySet(models.QuerySet["Like"]):
    """Filters of likes, in the terms of the domain."""

    def of(self, photo_id: int, viewer: Viewer) -> LikeQuerySet:
        """Keep the likes of a photo by people whom ``viewer`` may know of; selects the people."""
        return self.filter(reachable(viewer, "user__"), photo=photo_id).select_related("user")


class Like(models.Model):
    """``user`` likes ``photo``. The row is authoritative, the counter follows it."""

    id = IdField()
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="likes", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes", db_index=False
    )

    objects = LikeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "photo"], name="like_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["photo", "-id"], name="like_photo_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.user_id} likes {self.photo_id}"


class CommentQuerySet(models.QuerySet["Comment"]):
    """Filters of comments, in the terms of the domain."""

    def below(self, photo_id: int, viewer: Viewer) -> CommentQuerySet:
        """Keep the comments below a photo that ``viewer`` may read; selects the authors."""
        return self.filter(photo=photo_id).visible_to(viewer).with_author()

    def visible_to(self, viewer: Viewer) -> CommentQuerySet:
        """Keep the comments of people whom ``viewer`` may know of.

        Whether they may see the photo is checked before. Comments of private people below public
        photos are public.
        """
        return self.filter(reachable(viewer, "author__"))

    def with_author(self) -> CommentQuerySet:
        """Select the author with each row; no further query."""
        return self.select_related("author")

    def newest_first(self) -> CommentQuerySet:
        """Order by time of writing."""
        return self.order_by("-id")


class Comment(models.Model):
    """A text of ``author`` below ``photo``."""

    id = IdField()
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments")
    text = models.TextField(max_length=COMMENT_LENGTH)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="comment_is_not_empty", condition=~Q(text="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["photo", "-id"], name="comment_photo_newest"),
        ]

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return self.text[:60]

    @property
    def created_at(self) -> datetime:
        """When it was written, taken from the id."""
        return moment_of(self.pk)
