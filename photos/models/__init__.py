"""The tables of photos: photos and counters, pins, uploads, comments, tags and mentions."""

from photos.models.bin import (
    KEPT,
    DeletedComment,
    DeletedCommentQuerySet,
    Removal,
    RemovalQuerySet,
)
from photos.models.comments import (
    COMMENT_LENGTH,
    Comment,
    CommentLike,
    CommentQuerySet,
    Mention,
    PhotoTag,
    Tag,
)
from photos.models.photos import (
    ALT_TEXT_LENGTH,
    CAPTION_LENGTH,
    Like,
    Photo,
    PhotoQuerySet,
    PhotoStats,
)
from photos.models.pins import Pin
from photos.models.uploads import Draft, Media

__all__ = [
    "ALT_TEXT_LENGTH",
    "CAPTION_LENGTH",
    "COMMENT_LENGTH",
    "KEPT",
    "Comment",
    "CommentLike",
    "CommentQuerySet",
    "DeletedComment",
    "DeletedCommentQuerySet",
    "Draft",
    "Like",
    "Media",
    "Mention",
    "Photo",
    "PhotoQuerySet",
    "PhotoStats",
    "PhotoTag",
    "Pin",
    "Removal",
    "RemovalQuerySet",
    "Tag",
]
