"""The tables of collections: saved photos, albums with entries and members, share links."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User, Viewer, reachable, viewable
from minigram_site.db import IndexProbe
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import encode, id_at, moment_of
from photos.models import Photo

TITLE_LENGTH = 80
TEXT_LENGTH = 1000


class SavedPhoto(models.Model):
    """``user`` keeps ``photo`` for later. Nobody else is ever shown it."""

    id = IdField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved", db_index=False
    )
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="saved_by")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "photo"], name="saved_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="saved_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.user_id} saved {self.photo_id}"


class Visibility(models.TextChoices):
    """Who may open an album: a code for programs and the words that people choose."""

    ME = "me", _("Only you")
    FOLLOWERS = "followers", _("Your followers")
    EVERYBODY = "everybody", _("Everyone who can see your photos")


class AlbumQuerySet(models.QuerySet["Album"]):
    """Filters of albums, in the terms of the domain."""

    def visible_to(self, viewer: Viewer) -> AlbumQuerySet:
        """Keep the albums that ``viewer`` may open. Which photos are in them is another question.

        One's own; those one is a member of; those of people whose photos one may see, as far as
        the album is for everybody, or for followers and one follows. Never across a block with
        the owner, and none of a suspended owner.
        """
        everybody = viewable(viewer, "owner__") & Q(visibility=Visibility.EVERYBODY)
        if viewer.pk is None:
            return self.filter(everybody)
        follows = Exists(Follow.objects.filter(follower=viewer.pk, followee=OuterRef("owner")))
        followers = Q(follows, visibility=Visibility.FOLLOWERS)
        return self.filter(
            reachable(viewer, "owner__"), _takes_part(viewer) | everybody | followers
        )

    def edited_by(self, user: User) -> AlbumQuerySet:
        """Keep the albums to which ``user`` may add photos: their own, and as a member."""
        return self.filter(reachable(user, "owner__"), _takes_part(user))

    def listed_as_edited_by(self, user: User) -> AlbumQuerySet:
        """Keep what ``edited_by`` keeps, for a list: found by person, and not album after album."""
        own = Album.objects.filter(owner=user).order_by().values("pk")
        shared = AlbumMember.objects.filter(user=user, accepted=True).order_by().values("album")
        return self.filter(reachable(user, "owner__"), pk__in=own.union(shared))

    def owned_by(self, user: User) -> AlbumQuerySet:
        """Keep the albums of ``user``."""
        return self.filter(owner=user)

    def deleted_by(self, owner: User) -> AlbumQuerySet:
        """Keep what ``owner`` has deleted and can bring back, or delete for good."""
        return self.filter(owner=owner, bin_id__isnull=False)

    def deleted_before(self, moment: datetime) -> AlbumQuerySet:
        """Keep what was deleted before ``moment``, and was not brought back."""
        return self.filter(bin_id__lt=id_at(moment))


def _takes_part(user: Viewer) -> Q:
    members = AlbumMember.objects.filter(album=OuterRef("pk"), user=user.pk, accepted=True)
    return Q(owner=user.pk) | Q(IndexProbe(members))


_AlbumManager = models.Manager.from_queryset(AlbumQuerySet)


class ShownAlbums(_AlbumManager["Album"]):
    """The albums that are not in the bin."""

    def get_queryset(self) -> AlbumQuerySet:
        """Leave out what is in the bin."""
        return AlbumQuerySet(self.model, using=self._db).filter(bin_id=None)


class Album(models.Model):
    """A collection of photos in an order, by its owner and perhaps others.

    One that is in the bin (``social.albums.deleting``) is at no address and in no list: ``objects``
    leaves it out, and only what the bin itself does asks ``with_deleted``.
    """

    id = IdField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums", db_index=False
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    # What the text names (``minigram_site.fields.entities``): written with it, never searched.
    text_entities = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    visibility = models.CharField(max_length=10, choices=Visibility, default="me", db_default="me")
    # The photo chosen for the cover; whoever may not see it is shown the first that they may.
    cover = models.ForeignKey(Photo, models.SET_NULL, null=True, blank=True, related_name="+")
    # An id of the time at which it was deleted, its place in the bin; empty while it is not there.
    bin_id = models.BigIntegerField(null=True, editable=False)

    objects = ShownAlbums()
    with_deleted = AlbumQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="album_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="album_visibility_known", condition=Q(visibility__in=Visibility.values)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="album_owner_newest"),
            models.Index(
                fields=["owner", "-bin_id"],
                name="album_deleted_newest",
                condition=Q(bin_id__isnull=False),
            ),
            models.Index(fields=["bin_id"], name="album_due", condition=Q(bin_id__isnull=False)),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def code(self) -> str:
        """The short code of the page's address."""
        return encode(self.pk)

    @property
    def created_at(self) -> datetime:
        """When it was made, taken from the id."""
        return moment_of(self.pk)

    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted, or ``None`` if it is not in the bin."""
        return None if self.bin_id is None else moment_of(self.bin_id)

    def get_absolute_url(self) -> str:
        """Return the address of the album's page."""
        return reverse("social:album", args=[self.pk])


class AlbumEntry(models.Model):
    """``photo`` is in ``album``; the entry with the largest ``rank`` comes first."""

    id = IdField()
    album = models.ForeignKey(Album, models.CASCADE, related_name="entries", db_index=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="album_entries")
    # Whose account is gone has left the photo there.
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="album_entries"
    )
    rank = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "album entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["album", "photo"], name="album_entry_once"),
            models.UniqueConstraint(fields=["album", "rank"], name="album_entry_rank"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"photo {self.photo_id} in album {self.album_id}"


class AlbumMember(models.Model):
    """``user`` is invited to add photos to ``album``, and does so once they have accepted."""

    id = IdField()
    album = models.ForeignKey(Album, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", db_index=False
    )
    accepted = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["album", "user"], name="album_member_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "accepted", "-id"], name="album_member_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.user_id} in album {self.album_id}"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Filters of share links, in the terms of the domain."""

    def working(self) -> ShareLinkQuerySet:
        """Keep those that have not ended, and whose album is not in the bin."""
        return self.filter(ends_at__gt=timezone.now(), album__bin_id=None)


class ShareLink(models.Model):
    """An address that shows one photo or one album of ``sharer`` to whoever has it."""

    id = IdField()
    sharer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="share_links", db_index=False
    )
    photo = models.ForeignKey(Photo, models.CASCADE, null=True, related_name="share_links")
    album = models.ForeignKey(Album, models.CASCADE, null=True, related_name="share_links")
    # SHA-256 of the token in the address, in hex: the token itself is kept nowhere.
    token_hash = models.CharField(max_length=64, unique=True)
    # As ``accounts.hashers`` stores it; empty for none.
    password = models.CharField(max_length=128, blank=True)
    ends_at = models.DateTimeField()

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="share_link_of_one_thing",
                condition=Q(photo=None, album__isnull=False) | Q(photo__isnull=False, album=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sharer", "-id"], name="share_link_newest"),
        ]

    def __str__(self) -> str:
        """Return what is shared, and never the token."""
        return f"link to {'album' if self.album_id else 'photo'} {self.album_id or self.photo_id}"

    @property
    def created_at(self) -> datetime:
        """When it was made, taken from the id."""
        return moment_of(self.pk)
