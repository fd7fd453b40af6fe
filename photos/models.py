"""The tables of photos: the photo, its counters, likes and comments."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User, Viewer, reachable, viewable
from minigram_site.fields import IdField
from minigram_site.ids import encode, moment_of

CAPTION_LENGTH = 2200
ALT_TEXT_LENGTH = 1000
COMMENT_LENGTH = 1000


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Questions about photos, in the words of the domain."""

    def visible_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep the photos of people whom ``viewer`` may see (the author's question)."""
        return self.filter(viewable(viewer, "author__"))

    def by(self, author: User) -> PhotoQuerySet:
        """Keep the photos that ``author`` published."""
        return self.filter(author=author)

    def with_author(self) -> PhotoQuerySet:
        """Bring the author and the counters along, in the same query."""
        return self.select_related("author", "stats")

    def newest_first(self) -> PhotoQuerySet:
        """Order by time of publishing: the id is the time."""
        return self.order_by("-id")


class Photo(models.Model):
    """A published photo: its words, its measures and the names of its files."""

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
    renditions = models.JSONField(default=list, editable=False)

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
        """When it was published; the id knows it."""
        return moment_of(self.pk)

    @property
    def file_names(self) -> list[str]:
        """The storage names of all its files, the original included."""
        return [self.original, *(name for _, _, name in self.renditions)]

    def get_absolute_url(self) -> str:
        """Return the address of the photo's page."""
        return reverse("photos:photo", args=[self.pk])


class PhotoStats(models.Model):
    """Counters beside the photo: a narrow row, the last statement of what changes them.

    ``popularity`` is kept with the count it follows from, so that "popular" is an index read.
    """

    photo = models.OneToOneField(
        Photo, models.CASCADE, primary_key=True, related_name="stats", editable=False
    )
    like_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    popularity = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "photo stats"
        indexes: ClassVar = [
            models.Index(fields=["-popularity", "-photo"], name="photostats_popular"),
        ]

    def __str__(self) -> str:
        """Return whose counters these are."""
        return f"counters of photo {self.photo_id}"


class LikeQuerySet(models.QuerySet["Like"]):
    """Questions about likes, in the words of the domain."""

    def of(self, photo_id: int, viewer: Viewer) -> LikeQuerySet:
        """Return the likes of a photo by people whom ``viewer`` may know of, with the people."""
        return self.filter(reachable(viewer, "user__"), photo=photo_id).select_related("user")


class Like(models.Model):
    """``user`` likes ``photo``. The row is the truth, the counter follows it."""

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
    """Questions about comments, in the words of the domain."""

    def below(self, photo_id: int, viewer: Viewer) -> CommentQuerySet:
        """Return what ``viewer`` may read below a photo, with authors."""
        return self.filter(photo=photo_id).visible_to(viewer).with_author()

    def visible_to(self, viewer: Viewer) -> CommentQuerySet:
        """Keep the comments of people whom ``viewer`` may know of.

        The photo is asked first; a private person who comments in public is read in public.
        """
        return self.filter(reachable(viewer, "author__"))

    def with_author(self) -> CommentQuerySet:
        """Bring the author along, in the same query."""
        return self.select_related("author")

    def newest_first(self) -> CommentQuerySet:
        """Order by time of writing."""
        return self.order_by("-id")


class Comment(models.Model):
    """What ``author`` says under ``photo``."""

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
        """When it was written; the id knows it."""
        return moment_of(self.pk)
