"""The tables of notifications: what somebody was told of, what was taken back, how far they read.

A notification says for whom it is, of what kind, about what, and when it last moved; nothing of
who did it. That is read from the likes, comments and follows themselves when it is shown, by the
one visibility rule: so it cannot disagree with them, and costs as much for 100,000 likes as for 10.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from minigram_site.fields.id_field import IdField
from social.notifications.causes import caused_for
from social.notifications.kinds import Kind


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Filters of notifications, in the terms of the domain."""

    def listed_to(self, viewer: User) -> NotificationQuerySet:
        """Keep what ``viewer`` was told of and may see now, of the kinds that they want.

        Each has a cause that is left, by somebody whom they hear of, at a photo that they may see.
        """
        silent = Silence.objects.filter(owner=viewer.pk, kind=OuterRef("kind"))
        return self.filter(caused_for(viewer), ~Exists(silent), recipient=viewer.pk)

    def unread_by(
        self, viewer: User, kinds: Collection[Kind] = tuple(Kind)
    ) -> NotificationQuerySet:
        """Keep those of ``listed_to`` that ``viewer`` has not read.

        Of other ``kinds`` than these also such as ``listed_to`` would not keep, as nothing is left
        of them that ``viewer`` may see.
        """
        mark = Inbox.mark_of(viewer)
        silent = Silence.objects.filter(owner=viewer.pk, kind=OuterRef("kind"))
        return self.alias(mark=mark).filter(
            caused_for(viewer, "mark", kinds),
            ~Exists(silent),
            recipient=viewer.pk,
            latest__gt=mark,
        )


class Notification(models.Model):
    """``recipient`` is told of what happens to one thing: one row, however many did it.

    What ``target_id`` is depends on the kind (``social.notifications.causes``): the photo of likes
    and comments, the comment of replies, the day of new followers. Without foreign keys in the
    database, as a like must not pay for their checks: each read asks for the causes, and
    ``maintain`` deletes what is left without any.
    """

    pk = models.CompositePrimaryKey("recipient_id", "kind", "target_id")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        db_index=False,
        db_constraint=False,
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    target_id = models.BigIntegerField()
    # The photo that is shown beside it and must be visible, of kinds that have one.
    photo_id = models.BigIntegerField(null=True)
    # The id of what moved it last: its time, its place in the list, and what is read or not.
    latest = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-latest"], name="notification_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notification_kind_is_known", condition=Q(kind__in=Kind.values)
            ),
        ]

    objects = NotificationQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the kind and the ids."""
        return f"{Kind(self.kind).code} {self.target_id} for {self.recipient_id}"


class TakenBack(models.Model):
    """``actor`` took something back (a like, a follow): doing it again soon tells nobody again."""

    pk = models.CompositePrimaryKey("actor_id", "kind", "target_id")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    target_id = models.BigIntegerField()
    # An id of that time.
    taken_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        """Return the kind and the ids."""
        return f"{Kind(self.kind).code} {self.target_id} of {self.actor_id}"


class Inbox(models.Model):
    """How far ``owner`` has read; without a row, nothing."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="inbox"
    )
    # Everything up to this id is read: it only grows.
    read_up_to = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "inboxes"
        constraints: ClassVar = [
            models.CheckConstraint(name="inbox_read_up_to", condition=Q(read_up_to__gte=0)),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"inbox of {self.owner_id}"

    @classmethod
    def mark_of(cls, viewer: User) -> Coalesce:
        """Return the expression for up to which id ``viewer`` has read, 0 for nothing."""
        return Coalesce(Subquery(cls.objects.filter(owner=viewer.pk).values("read_up_to")), 0)


class Silence(models.Model):
    """``owner`` does not want to be told of a kind: it is not shown, counted or sent."""

    pk = models.CompositePrimaryKey("owner_id", "kind")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="silences", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)

    def __str__(self) -> str:
        """Return whose it is, and of what."""
        return f"{self.owner_id} does not want {Kind(self.kind).code}"


class Digest(models.Model):
    """``owner`` is sent a mail of what is unread, each day at ``hour`` of their own clock."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="digest"
    )
    hour = models.PositiveSmallIntegerField()
    # The name of a time zone, not an offset: the clocks change.
    zone = models.CharField(max_length=64)
    # Whoever moves it on has claimed the digest of that time.
    due_at = models.DateTimeField(db_index=True)
    # The day of the last one, in that zone.
    last_day = models.DateField(null=True)
    # Everything up to this id was in a digest.
    sent_up_to = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="digest_hour", condition=Q(hour__lte=23)),
        ]

    def __str__(self) -> str:
        """Return whose it is, and when."""
        return f"digest of {self.owner_id} at {self.hour}:00 {self.zone}"


class PushDeviceQuerySet(models.QuerySet["PushDevice"]):
    """Questions about devices."""

    def due(self, now: datetime, settled: int) -> PushDeviceQuerySet:
        """Keep those whose owner has news up to the id ``settled``, the longest waiting first.

        Costs a probe of an index for each device.
        """
        news = Notification.objects.filter(
            recipient=OuterRef("owner_id"), latest__gt=OuterRef("sent_up_to"), latest__lte=settled
        )
        return self.filter(Exists(news), due_at__lte=now).order_by("due_at", "pk")


class PushDevice(models.Model):
    """A browser or app in which ``owner`` is told what is new, until its log-in ends.

    ``endpoint`` and the two keys are the browser's (Push API, W3C).
    """

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_devices")
    # "s:" and the key of a browser's session, or "a:" and the id of an app's.
    login = models.CharField(max_length=64, unique=True)
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    # Everything up to this id was sent, or was there before.
    sent_up_to = models.BigIntegerField()
    # Not before then: whoever moves it on has claimed the device.
    due_at = models.DateTimeField(db_index=True)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = PushDeviceQuerySet.as_manager()

    def __str__(self) -> str:
        """Return whose it is."""
        return f"device {self.pk} of {self.owner_id}"
