"""The tables of photos: the photo, its counters and likes."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.urls import reverse

from accounts.models import Mute, User, Viewer, reachable, viewable
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, moment_of
from photos.pictures import Picture

CAPTION_LENGTH = 2200
ALT_TEXT_LENGTH = 1000


def _is_there(viewer: Viewer) -> Q:
    """Return the condition that a photo is not archived, but for its author."""
    there = Q(archived=False)
    return there if viewer.pk is None else there | Q(author=viewer.pk)


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Filters of photos, in the terms of the domain."""

    def visible_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep the photos that ``viewer`` may see: the one visibility rule of photos.

        Those of authors whom they may see, without what moderators hide and others archive.
        """
        return self.filter(viewable(viewer, "author__"), _is_there(viewer), hidden=False)

    def sent_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep the photos whose files ``viewer`` is sent: what is public even across a block."""
        seen = viewable(AnonymousUser(), "author__") | viewable(viewer, "author__")
        return self.filter(seen, _is_there(viewer), hidden=False)

    def listed(self) -> PhotoQuerySet:
        """Keep the photos that are in lists and counted: neither hidden nor archived.

        Of a list it is beside ``visible_to``, which shows authors what they have archived.
        """
        return self.filter(hidden=False, archived=False)

    def with_unshared(self) -> PhotoQuerySet:
        """Annotate ``unshared``: not everybody may see it, so that nothing may be kept for all."""
        unshared = Q(author__is_private=True) | Q(archived=True)
        return self.annotate(unshared=ExpressionWrapper(unshared, models.BooleanField()))

    def public_to(self, viewer: Viewer) -> PhotoQuerySet:
        """Keep what strangers are shown: listed photos of public accounts, not of limited ones.

        Nor of those whom ``viewer`` mutes.
        """
        public = self.visible_to(viewer).listed()
        public = public.filter(author__is_private=False, author__is_limited=False)
        if viewer.pk is None:
            return public
        return public.exclude(author__in=Mute.objects.active_ids(viewer.pk))

    def shown_by(self, sharer: User) -> PhotoQuerySet:
        """Keep the photos that ``sharer`` may show to people without an account.

        These are their own, private account or not, and those that everybody may see and they too.
        """
        own_or_public = Q(author=sharer) | Q(author__is_private=False)
        return self.visible_to(sharer).listed().filter(own_or_public)

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
    # What the caption names (``minigram_site.fields.entities``): written with it, never searched.
    caption_entities = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    alt_text = models.TextField(max_length=ALT_TEXT_LENGTH, blank=True)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    # A data: address of a few pixels, painted until the picture arrives.
    placeholder = models.TextField(blank=True, editable=False)
    original = models.CharField(max_length=200, editable=False)
    # [[width, height, storage name], …], smallest first: always read whole, never searched.
    renditions = models.JSONField(default=list, db_default=[], editable=False)
    preview = models.CharField(max_length=200, blank=True, editable=False)
    # What its author did to the original, which stays whole (``photos.pictures.Picture``).
    turn = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    crop = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # What the file says of camera, lens, exposure and time: shown only with ``show_camera``.
    camera = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    # How the cover looks, to find copies of banned pictures; empty if it is plain.
    look = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    # Bytes of the cover's files, and of those of the further pictures: for the dashboard's plots.
    size = models.BigIntegerField(default=0, db_default=0, editable=False)
    more_size = models.BigIntegerField(default=0, db_default=0, editable=False)
    show_camera = models.BooleanField("show camera and exposure", default=False, db_default=False)
    # Nobody writes below it any more; what is there stays to be read.
    comments_off = models.BooleanField("comments are off", default=False, db_default=False)
    # The further pictures of a carousel (``photos.pictures.Picture``).
    more = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # Blurred until tapped: moderators' (``photos.hiding``).
    sensitive = models.BooleanField(default=False, db_default=False, editable=False)
    # Seen by nobody and counted nowhere: while there is a ``Removal``.
    hidden = models.BooleanField(default=False, db_default=False, editable=False)
    # Seen by its author alone, who has put it away: in no list and no count.
    archived = models.BooleanField(default=False, db_default=False, editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="photo_has_area", condition=Q(width__gt=0) & Q(height__gt=0)
            ),
        ]
        indexes: ClassVar = [
            # With what takes a photo out of lists, so that feeds read nothing but the index.
            models.Index(fields=["author", "-id", "hidden", "archived"], name="photo_newest"),
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


class PhotoStats(models.Model):
    """Counters beside the photo: a narrow row, changed by the last statement of a transaction.

    No index has a counter in it, so that PostgreSQL changes one without writing to any index.
    """

    photo = models.OneToOneField(
        Photo, models.CASCADE, primary_key=True, related_name="stats", editable=False
    )
    like_count = models.PositiveIntegerField(default=0, db_default=0)
    comment_count = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "photo stats"

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
