"""The tables of the home feed: what each person's feed holds, and whose photos are pulled."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from photos.models import Photo
from social.albums.models import Album, AlbumEntry, AlbumMember, SavedPhoto, ShareLink
from social.moderation.models import (
    BannedPicture,
    Decision,
    ModerationCase,
    ModerationLogEntry,
    Report,
)

__all__ = [
    "Album",
    "AlbumEntry",
    "AlbumMember",
    "BannedPicture",
    "Decision",
    "FamousAuthor",
    "Feed",
    "FeedEntry",
    "ModerationCase",
    "ModerationLogEntry",
    "Report",
    "SavedPhoto",
    "ShareLink",
]


class Feed(models.Model):
    """How far one person's stored feed is complete.

    Every photo that belongs into the feed and has an id of at least ``complete_from`` has its
    entry. Without this row the feed is pulled.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="feed"
    )
    complete_from = models.BigIntegerField(default=0, db_default=0)

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
