"""The tables of the bin: what is hidden, and why; the words of deleted comments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User, reachable
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, id_at, moment_of
from photos.models.comments import COMMENT_LENGTH
from photos.models.photos import Photo

# How long what was deleted can be brought back.
KEPT = timedelta(days=30)


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


class DeletedCommentQuerySet(models.QuerySet["DeletedComment"]):
    """Filters of deleted comments, in the terms of the domain."""

    def deleted_by(self, user: User) -> DeletedCommentQuerySet:
        """Keep what ``user`` has deleted and can bring back, or delete for good.

        Below photos that they may see, by people whom they may know of. Selects the authors.
        """
        photos = Photo.objects.visible_to(user).filter(pk=OuterRef("photo"))
        mine = self.filter(reachable(user, "author__"), Exists(photos), by=user)
        return mine.select_related("author")

    def deleted_by_staff(self) -> DeletedCommentQuerySet:
        """Keep what staff have deleted in the admin. Selects the authors."""
        return self.filter(by=None).select_related("author")

    def deleted_before(self, moment: datetime) -> DeletedCommentQuerySet:
        """Keep what was deleted before ``moment``, and was not brought back."""
        return self.filter(pk__lt=id_at(moment))


class DeletedComment(models.Model):
    """The words of a comment that ``by``, its author or that of the photo, has deleted.

    Without ``by`` it was staff, in the admin, and only they bring it back. ``comment_id`` and
    ``parent_id`` are ids of comments that need not be there.
    """

    id = IdField()
    comment_id = models.BigIntegerField(unique=True)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True, db_index=False
    )
    parent_id = models.BigIntegerField(null=True)
    text = models.TextField(max_length=COMMENT_LENGTH)
    edited_at = models.DateTimeField(null=True)

    objects = DeletedCommentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="deleted_comment_has_words", condition=~Q(text="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by", "-id"], name="deleted_comment_newest"),
        ]

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return self.text[:60]

    @property
    def code(self) -> str:
        """The short code of the comment's addresses."""
        return encode(self.comment_id)

    @property
    def created_at(self) -> datetime:
        """When it was deleted, taken from the id."""
        return moment_of(self.pk)

    @property
    def purge_at(self) -> datetime:
        """When it is gone for good."""
        return self.created_at + KEPT
