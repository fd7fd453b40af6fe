"""Tags that people follow: which ones, and the verbs that change that."""

from social.tags.service import (
    MOST_FOLLOWED,
    CannotFollowTag,
    follow_tag,
    followed_tags,
    is_followed,
    unfollow_tag,
)

__all__ = [
    "MOST_FOLLOWED",
    "CannotFollowTag",
    "follow_tag",
    "followed_tags",
    "is_followed",
    "unfollow_tag",
]
