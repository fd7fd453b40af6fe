"""The tables of the home feed and of explore: what feeds hold, and how photos are ranked."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from minigram_site.fields.id_field import IdField
from photos.models import Photo, Tag
from social.albums.models import Album, AlbumEntry, AlbumMember, SavedPhoto, ShareLink
from social.moderation.models import (
    BannedPicture,
    Decision,
    DeskMail,
    FailureCount,
    ModerationCase,
    ModerationLogEntry,
    Report,
)
from social.notifications.models import (
    Digest,
    Inbox,
    Notification,
    PushDevice,
    Silence,
    TakenBack,
)
from social.portable.models import Export, Import, ImportPart, ImportRefusal

__all__ = [
    "Album",
    "AlbumEntry",
    "AlbumMember",
    "BannedPicture",
    "Decision",
    "DeskMail",
    "Digest",
    "ExplorePlace",
    "ExploreSnapshot",
    "Export",
    "FailureCount",
    "FamousAuthor",
    "Feed",
    "FeedEntry",
    "FollowedTag",
    "Import",
    "ImportPart",
    "ImportRefusal",
    "Inbox",
    "ModerationCase",
    "ModerationLogEntry",
    "Notification",
    "PushDevice",
    "Report",
    "SavedPhoto",
    "ShareLink",
    "Silence",
    "TakenBack",
]


class Feed(models.Model):
    """How far one person's stored feed is complete.

    Every photo that belongs into the feed and has an id of at least ``complete_from`` has its
    entry. Without this row the feed is pulled. Photos of followed tags are not stored; whether
    there are such tags is said here, where every read looks, and without this row there are none.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="feed"
    )
    complete_from = models.BigIntegerField(default=0, db_default=0)
    follows_tags = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        """Return whose feed it is."""
        return f"feed of {self.owner_id}"


class FeedEntry(models.Model):
    """``photo`` is in the home feed of ``owner``: written once, when it is published.

    Without foreign keys in the database, whose checks were half of the cost of publishing to many:
    every read asks for owner, author and photo again, and ``maintain`` deletes what is left over
    from a race with the deletion of one of them.
    """

    pk = models.CompositePrimaryKey("owner_id", "photo_id")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="feed_entries",
        db_index=False,
        db_constraint=False,
    )
    photo = models.ForeignKey(
        Photo, models.CASCADE, related_name="feed_entries", db_constraint=False
    )
    # Repeated from the photo, so that unfollowing and reading need no join to find it.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name_plural = "feed entries"

    def __str__(self) -> str:
        """Return the two ids."""
        return f"photo {self.photo_id} for {self.owner_id}"


class FamousAuthor(models.Model):
    """A person with so many followers that their photos are merged at read time, not written."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="famous"
    )

    def __str__(self) -> str:
        """Return who it is."""
        return f"famous {self.user_id}"


class FollowedTag(models.Model):
    """``user`` sees the public photos of ``tag`` in their feed."""

    id = IdField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed_tags", db_index=False
    )
    # Without an index of its own: tags are not deleted, and nobody asks who follows one.
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "tag"], name="followed_tag_once"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.user_id} follows tag {self.tag_id}"


class ExploreSnapshot(models.Model):
    """A ranking of the popular photos, and the trending tags of that time.

    It never changes: whoever reads page after page stays in the one of their first page.
    """

    id = IdField()
    # The number of the period in which it was computed: one for each, whoever computes it.
    period = models.BigIntegerField()
    # [[key of the tag, number of people], …], the most trending first: always read whole.
    trending = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period"], name="explore_once_a_period"),
        ]

    def __str__(self) -> str:
        """Return the number of its period."""
        return f"explore in period {self.period}"


class ExplorePlace(models.Model):
    """``photo`` has this rank in a snapshot: larger is more popular.

    Without foreign keys in the database: every read asks for the photo again, and the rows go with
    their snapshot after some hours.
    """

    pk = models.CompositePrimaryKey("snapshot_id", "rank", "photo_id")
    snapshot = models.ForeignKey(
        ExploreSnapshot, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    rank = models.BigIntegerField()
    photo = models.ForeignKey(
        Photo, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        """Return photo and rank."""
        return f"photo {self.photo_id} at {self.rank}"
