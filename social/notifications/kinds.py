"""The kinds of notifications."""

from __future__ import annotations

from django.db import models


class Kind(models.IntegerChoices):
    """What people are told of; the words are those of the settings."""

    LIKE = 1, "Likes of your photos"
    COMMENT = 2, "Comments on your photos"
    REPLY = 3, "Replies to your comments"
    COMMENT_LIKE = 4, "Likes of your comments"
    MENTION = 5, "Mentions of you"
    FOLLOW = 6, "New followers"
    REQUEST = 7, "Requests to follow you"
    ACCEPTED = 8, "Accepted requests of yours"
    REPORT = 9, "Decisions on your reports"
    FAILED = 10, "Photos that could not be published"
    DECISION = 11, "Decisions of the moderators about you"

    @property
    def code(self) -> str:
        """The name that the API and forms use."""
        return self.name.lower()


KINDS = {kind.code: kind for kind in Kind}
# Of these one row stands for what many do, who are counted and of whom the newest are named.
GROUPED = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPLY, Kind.COMMENT_LIKE, Kind.FOLLOW})
# Of these a row has a photo, which its recipient must be able to see.
WITH_PHOTO = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPLY, Kind.COMMENT_LIKE, Kind.MENTION})
