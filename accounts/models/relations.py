"""What one user is to another: follows, requests to follow, blocks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from minigram_site.fields.id_field import IdField


class Follow(models.Model):
    """``follower`` sees the photos of ``followee`` in their feed."""

    id = IdField()
    follower = models.ForeignKey("User", models.CASCADE, related_name="follows", db_index=False)
    followee = models.ForeignKey("User", models.CASCADE, related_name="followed_by", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(name="follow_not_self", condition=~Q(follower=F("followee"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["followee", "-id"], name="follow_followers_newest"),
            models.Index(fields=["follower", "-id"], name="follow_following_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.follower_id} follows {self.followee_id}"


class FollowRequest(models.Model):
    """``requester`` asks to follow ``target``, whose account is private."""

    id = IdField()
    requester = models.ForeignKey(
        "User", models.CASCADE, related_name="requests_made", db_index=False
    )
    target = models.ForeignKey("User", models.CASCADE, related_name="requests_got", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requester", "target"], name="follow_request_once"),
            models.CheckConstraint(
                name="follow_request_not_self", condition=~Q(requester=F("target"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["target", "-id"], name="follow_request_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.requester_id} asks {self.target_id}"


class Block(models.Model):
    """``blocker`` and ``blocked`` do not see each other at all."""

    id = IdField()
    blocker = models.ForeignKey("User", models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(
        "User", models.CASCADE, related_name="blocks_received", db_index=True
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(name="block_not_self", condition=~Q(blocker=F("blocked"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["blocker", "-id"], name="block_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.blocker_id} blocks {self.blocked_id}"
