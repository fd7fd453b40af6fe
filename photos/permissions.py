"""Permissions on one photo: the guards that views call first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Viewer
from minigram_site.db import fetch_compiled
from photos.models import Comment, Photo

COMMENTS_OFF = _("Comments are turned off for this photo.")


def require_visible(viewer: Viewer, photo_id: int) -> None:
    """Raise ``Http404`` unless ``viewer`` may see the photo. One query."""
    comments_are_open(viewer, photo_id)


def comments_are_open(viewer: Viewer, photo_id: int) -> bool:
    """Tell whether there can be comments below a photo; ``Http404`` unless ``viewer`` may see it.

    One query.
    """
    if viewer.pk is None:
        rows = fetch_compiled(("photo", "visitor"), _seen_by_visitor, [photo_id])
    else:
        rows = fetch_compiled(("photo",), _seen_by_user, [viewer.pk, photo_id])
    if not rows:
        raise Http404
    return not rows[0][0]


def visible_photo(viewer: Viewer, photo_id: int) -> Photo:
    """Return the photo if ``viewer`` may see it; ``Http404`` otherwise. One query."""
    photo = Photo.objects.visible_to(viewer).with_author().filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    return photo


def own_photo(user: User, photo_id: int) -> Photo:
    """Return the user's own photo. One query.

    Raises ``Http404`` if they may not see it, ``PermissionDenied`` if it is not theirs.
    """
    photo = visible_photo(user, photo_id)
    if photo.author_id != user.pk:
        raise PermissionDenied(gettext("Only the owner of the photo can do this."))
    return photo


def visible_comment(user: User, photo_id: int, comment_id: int) -> Comment:
    """Return a comment below a photo, both of which ``user`` may see, with its author and photo.

    Raises ``Http404``. Two queries.
    """
    require_visible(user, photo_id)
    comments = Comment.objects.visible_to(user).filter(photo=photo_id, pk=comment_id)
    comment = comments.select_related("author", "photo").first()
    if comment is None:
        raise Http404
    return comment


def deletable_comment(user: User, photo_id: int, comment_id: int) -> Comment:
    """Return a comment that ``user`` may delete: their own, or any below their own photo.

    Raises ``Http404`` if there is no such comment below a photo that they may see,
    ``PermissionDenied`` if it is not theirs to delete. Two queries.
    """
    comment = visible_comment(user, photo_id, comment_id)
    if user.pk not in {comment.author_id, comment.photo.author_id}:
        raise PermissionDenied(
            gettext("Only the author of a comment and the owner of the photo can delete it.")
        )
    return comment


def own_comment(user: User, photo_id: int, comment_id: int) -> Comment:
    """Return a comment that ``user`` may edit: their own. Two queries.

    Raises ``Http404`` if there is no such comment below a photo that they may see,
    ``PermissionDenied`` if it is not theirs.
    """
    comment = visible_comment(user, photo_id, comment_id)
    if comment.author_id != user.pk:
        raise PermissionDenied(gettext("Only the author of a comment can edit it."))
    return comment


def _seen_by_visitor(photo_id: int) -> QuerySet[Photo, Any]:
    return Photo.objects.visible_to(AnonymousUser()).filter(pk=photo_id).values_list("comments_off")


def _seen_by_user(viewer_id: int, photo_id: int) -> QuerySet[Photo, Any]:
    return (
        Photo.objects.visible_to(User(pk=viewer_id)).filter(pk=photo_id).values_list("comments_off")
    )
