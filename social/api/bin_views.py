"""The JSON API of the bin: what you have deleted, brought back or deleted for good."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import person_json
from accounts.api.serializers import PersonSerializer
from accounts.people import person
from minigram_site.api.errors import Problem
from minigram_site.api.negotiation import AnyAccept
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from photos.api import comment_views
from photos.api.json import comment_json, photo_json
from photos.api.serializers import CommentSerializer, PhotoSerializer
from photos.api.views import card_or_404
from photos.bin import CannotRestore, deleted_photo, deleted_photos, picture_of, restore
from photos.bin.comments import deleted_comment, forget_comment
from photos.models import DeletedComment, Removal
from social.moderation.evidence import delete_for_good, deleted_comments, restore_comment


class DeletedPhotoSerializer(serializers.Serializer[Removal]):
    """A photo that you have deleted."""

    id = serializers.CharField()
    caption = serializers.CharField()
    alt_text = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    placeholder = serializers.CharField()
    picture = serializers.URLField(help_text="Its smallest size, with your token.")
    deleted_at = serializers.DateTimeField()
    purge_at = serializers.DateTimeField(help_text="When it is gone for good.")
    can_restore = serializers.BooleanField(help_text="Not while moderators hide it too.")


def deleted_json(removal: Any, base: str) -> dict[str, Any]:
    """Return what somebody has deleted; it comes from ``deleted_by``. No query."""
    photo = removal.photo
    return {
        "id": str(photo.pk),
        "caption": photo.caption,
        "alt_text": photo.alt_text,
        "width": photo.width,
        "height": photo.height,
        "placeholder": photo.placeholder,
        "picture": base + reverse("api-deleted-picture", args=[photo.pk]),
        "deleted_at": time_json(removal.created_at),
        "purge_at": time_json(removal.purge_at),
        "can_restore": not removal.is_withheld,
    }


@extend_schema(tags=["me"])
class DeletedPhotosView(PageView):
    """What you have deleted and can bring back."""

    @extend_schema(
        summary="Recently deleted photos",
        description="For 30 days; nobody else sees them.",
        responses=DeletedPhotoSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of photos, the latest deleted first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[Removal]:
        """Return a page of what the caller has deleted. One query."""
        return deleted_photos(caller(request), cursor, size)

    def row(self, item: Removal, base: str) -> dict[str, Any]:
        """Return the photo."""
        return deleted_json(item, base)


@extend_schema(tags=["me"])
class DeletedPhotoView(ApiView):
    """A photo that you have deleted."""

    @extend_schema(summary="Delete a photo for good", responses={204: None})
    def delete(self, request: Request, photo_id: int) -> Response:
        """Delete it with its files, likes and comments; nobody can bring it back."""
        delete_for_good(removal=deleted_photo(caller(request), photo_id))
        return Response(status=204)


@extend_schema(tags=["me"])
class RestoreView(ApiView):
    """Bringing back a photo that you have deleted."""

    @extend_schema(
        summary="Bring a deleted photo back",
        description="To where it was, with likes and comments. `hidden_by_moderators` (409) while "
        "moderators hide it too.",
        request=None,
        responses=PhotoSerializer,
    )
    @refuses(409, "hidden_by_moderators")
    def post(self, request: Request, photo_id: int) -> Response:
        """Answer with the photo. ``Problem`` 409 while moderators hide it too."""
        try:
            restore(removal=deleted_photo(caller(request), photo_id))
        except CannotRestore as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(photo_json(card_or_404(request, photo_id), base_of(request)))


@extend_schema(tags=["me"])
class DeletedPictureView(ApiView):
    """The picture of a photo that you have deleted."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="The picture of a deleted photo",
        responses={(200, "image/webp"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, photo_id: int) -> FileResponse:
        """Send its smallest size."""
        return picture_of(deleted_photo(caller(request), photo_id))


class DeletedCommentSerializer(serializers.Serializer[DeletedComment]):
    """A comment that you have deleted."""

    id = serializers.CharField()
    photo_id = serializers.CharField()
    author = PersonSerializer(help_text="You, or who has commented on your photo.")
    text = serializers.CharField()
    deleted_at = serializers.DateTimeField()
    purge_at = serializers.DateTimeField(help_text="When it is gone for good.")
    can_restore = serializers.BooleanField(help_text="Not while moderators have removed it too.")


@extend_schema(tags=["me"])
class DeletedCommentsView(PageView):
    """The comments that you have deleted and can bring back."""

    @extend_schema(
        summary="Recently deleted comments",
        description="For 30 days, those below photos that you may see; nobody else sees them.",
        responses=DeletedCommentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of comments, the latest deleted first."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[Any]:
        """Return a page of what the caller has deleted. One query."""
        return deleted_comments(caller(request), cursor, size)

    def row(self, item: Any, base: str) -> dict[str, Any]:
        """Return the comment."""
        return {
            "id": str(item.comment_id),
            "photo_id": str(item.photo_id),
            "author": person_json(person(item.author), base),
            "text": item.text,
            "deleted_at": time_json(item.created_at),
            "purge_at": time_json(item.purge_at),
            "can_restore": not item.is_withheld,
        }


@extend_schema(tags=["me"])
class DeletedCommentView(ApiView):
    """A comment that you have deleted."""

    @extend_schema(summary="Delete a comment for good", responses={204: None})
    def delete(self, request: Request, comment_id: int) -> Response:
        """Delete its words; nobody can bring it back."""
        forget_comment(deleted=deleted_comment(caller(request), comment_id))
        return Response(status=204)


@extend_schema(tags=["me"])
class RestoreCommentView(ApiView):
    """Bringing back a comment that you have deleted."""

    @extend_schema(
        summary="Bring a deleted comment back",
        description="To its place, without its likes. `hidden_by_moderators` (409) while "
        "moderators have removed it too.",
        request=None,
        responses=CommentSerializer,
    )
    @refuses(409, "hidden_by_moderators")
    def post(self, request: Request, comment_id: int) -> Response:
        """Answer with the comment. ``Problem`` 409 while moderators have removed it too."""
        deleted = deleted_comment(caller(request), comment_id)
        try:
            restore_comment(deleted=deleted)
        except CannotRestore as error:
            raise Problem(409, error.code, str(error)) from None
        card = comment_views.card_or_404(request, deleted.photo_id, comment_id)
        return Response(comment_json(card, base_of(request)))
