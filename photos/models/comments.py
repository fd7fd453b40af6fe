"""The tables of conversation: comments and their likes, tags of photos, mentions of people."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Viewer, reachable
from minigram_site.fields.entities import TAG_LENGTH
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, moment_of
from photos.models.photos import Photo

COMMENT_LENGTH = 1000


class CommentQuerySet(models.QuerySet["Comment"]):
    """Filters of comments, in the terms of the domain."""

    def visible_to(self, viewer: Viewer) -> CommentQuerySet:
        """Keep the comments of people whom ``viewer`` may know of.

        Whether they may see the photo is checked before. Comments of private people below public
        photos are public. Deleted ones, which have no author, are left out.
        """
        return self.filter(reachable(viewer, "author__"))

    def active(self) -> CommentQuerySet:
        """Keep the comments that count: those of people who are not suspended."""
        return self.filter(author__is_active=True)


class Comment(models.Model):
    """A text of ``author`` below ``photo``, or a reply to another: to ``parent``.

    Replies are one level deep. A comment that has replies when it is deleted stays without author
    and text, and goes with the last of them.
    """

    id = IdField()
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments", null=True
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, related_name="replies", null=True, db_index=False
    )
    text = models.TextField(max_length=COMMENT_LENGTH)
    # What the text names (``minigram_site.fields.entities``): written with it, never searched.
    entities = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    # Likes and replies of people who are not suspended; the rows are authoritative.
    like_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    reply_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="comment_is_not_empty",
                condition=Q(author=None, text="") | (Q(author__isnull=False) & ~Q(text="")),
            ),
            models.CheckConstraint(
                name="comment_answers_another", condition=Q(parent=None) | ~Q(parent=F("id"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["photo", "-id"], name="comment_photo_newest"),
            # Partial ones: PostgreSQL takes "is null" for no constant when it looks for an order.
            models.Index(
                fields=["photo", "-id"], name="comment_top_newest", condition=Q(parent=None)
            ),
            models.Index(
                fields=["parent", "id"], name="comment_reply_oldest", condition=~Q(parent=None)
            ),
        ]

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return self.text[:60] or "(deleted)"

    @property
    def code(self) -> str:
        """The short code of its addresses."""
        return encode(self.pk)

    @property
    def created_at(self) -> datetime:
        """When it was written, taken from the id."""
        return moment_of(self.pk)


class CommentLike(models.Model):
    """``user`` likes ``comment``. The row is authoritative, the counter follows it."""

    id = IdField()
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="likes", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_likes", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "comment"], name="comment_like_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["comment", "-id"], name="comment_like_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.user_id} likes comment {self.comment_id}"


class Tag(models.Model):
    """A tag that captions have; ``key`` is what all its spellings have in common."""

    id = IdField()
    key = models.CharField(max_length=TAG_LENGTH, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="tag_is_not_empty", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        """Return the tag as people write it."""
        return f"#{self.key}"


class PhotoTag(models.Model):
    """The caption of ``photo`` has ``tag``. Derived from the caption, and written with it."""

    id = IdField()
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="photo_tags")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="photo_tags", db_index=False)

    class Meta:
        constraints: ClassVar = [
            # Read backwards it is the page of the tag, newest photo first.
            models.UniqueConstraint(fields=["tag", "photo"], name="phototag_once"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"photo {self.photo_id} has tag {self.tag_id}"


class Mention(models.Model):
    """``user`` is mentioned in ``comment``, or without one in the caption of ``photo``.

    Derived from the text, and written with it; nobody is a mention in their own text.
    """

    id = IdField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="mentions")
    comment = models.ForeignKey(
        Comment, models.CASCADE, related_name="mentions", null=True, db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["photo", "user"],
                name="mention_once_in_caption",
                condition=Q(comment=None),
            ),
            models.UniqueConstraint(
                fields=["comment", "user"],
                name="mention_once_in_comment",
                condition=~Q(comment=None),
            ),
        ]

    def __str__(self) -> str:
        """Return the ids."""
        return f"{self.user_id} mentioned at photo {self.photo_id}"
