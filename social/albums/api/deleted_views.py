"""The JSON API of the albums that you have deleted: brought back or deleted for good."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from social.albums import deleting, reading
from social.albums.api.json import album_json
from social.albums.api.serializers import AlbumSerializer
from social.albums.deleting import DeletedAlbum
from social.albums.models import Visibility


class DeletedAlbumSerializer(serializers.Serializer[DeletedAlbum]):
    """An album that you have deleted."""

    id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    visibility = serializers.ChoiceField(choices=Visibility.values)
    photo_count = serializers.IntegerField()
    cover = PhotoSerializer(allow_null=True)
    is_shared = serializers.BooleanField(help_text="Several people add to it.")
    deleted_at = serializers.DateTimeField()
    purge_at = serializers.DateTimeField(help_text="When it is gone for good.")


@extend_schema(tags=["me"])
class DeletedAlbumsView(PageView):
    """The albums that you have deleted and can bring back."""

    @extend_schema(
        summary="Recently deleted albums",
        description="For 30 days; nobody else sees them, the people who add to them included.",
        responses=DeletedAlbumSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of albums, the latest deleted first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[DeletedAlbum]:
        """Return a page of what the caller has deleted. Two queries."""
        return deleting.deleted_albums(caller(request), cursor, size)

    def row(self, item: DeletedAlbum, base: str) -> dict[str, Any]:
        """Return the album."""
        card = item.card
        return {
            "id": str(card.id),
            "title": card.title,
            "text": card.text,
            "visibility": card.visibility,
            "photo_count": card.photo_count,
            "cover": photo_json(card.cover, base) if card.cover else None,
            "is_shared": card.is_shared,
            "deleted_at": time_json(item.deleted_at),
            "purge_at": time_json(item.purge_at),
        }


@extend_schema(tags=["me"])
class DeletedAlbumView(ApiView):
    """An album that you have deleted."""

    @extend_schema(summary="Delete an album for good", responses={204: None})
    def delete(self, request: Request, album_id: int) -> Response:
        """Delete it with its members and links; its photos stay."""
        deleting.delete_for_good(owner=caller(request), album_id=album_id)
        return Response(status=204)


@extend_schema(tags=["me"])
class RestoreAlbumView(ApiView):
    """Bringing back an album that you have deleted."""

    @extend_schema(
        summary="Bring a deleted album back",
        description="As it was, with its photos in their order, its members and links.",
        request=None,
        responses=AlbumSerializer,
    )
    def post(self, request: Request, album_id: int) -> Response:
        """Answer with the album."""
        deleting.restore(owner=caller(request), album_id=album_id)
        card = reading.album_card(request.user, album_id)
        return Response(album_json(card, base_of(request)))
