"""The template tag for what a viewer is to a comment, which says what they may do with it."""

from __future__ import annotations

from django import template

from accounts.models import Viewer
from photos.cards import PhotoCard
from photos.conversation.cards import CommentCard

register = template.Library()


@register.simple_tag
def role_of(viewer: Viewer, comment: CommentCard, photo: PhotoCard) -> str:
    """Return ``author``, ``owner`` (of the photo), ``member`` or, if nobody is logged in, ``""``.

    ``comment`` is one below ``photo``.
    """
    if viewer.pk is None:
        return ""
    if comment.author is not None and viewer.pk == comment.author.id:
        return "author"
    return "owner" if viewer.pk == photo.author.id else "member"
