"""The kinds of notifications."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.IntegerChoices):
    """What people are told of; the words are those of the settings."""

    LIKE = 1, _("Likes on your photos")
    COMMENT = 2, _("Comments on your photos")
    REPLY = 3, _("Replies to your comments")
    COMMENT_LIKE = 4, _("Likes on your comments")
    MENTION = 5, _("Mentions of you")
    FOLLOW = 6, _("New followers")
    REQUEST = 7, _("Follow requests")
    ACCEPTED = 8, _("Accepted follow requests")
    REPORT = 9, _("Decisions about your reports")
    FAILED = 10, _("Photos that couldn’t be published")
    DECISION = 11, _("Decisions about you")
    ALBUM = 12, _("Invitations to albums")

    @property
    def code(self) -> str:
        """The name that the API and forms use."""
        return self.name.lower()


KINDS = {kind.code: kind for kind in Kind}
# Of these one row stands for what many do, who are counted and of whom the newest are named.
GROUPED = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPLY, Kind.COMMENT_LIKE, Kind.FOLLOW})
# Of these a row has a photo, which its recipient must be able to see.
WITH_PHOTO = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPLY, Kind.COMMENT_LIKE, Kind.MENTION})
