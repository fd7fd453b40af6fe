"""Saved photos and albums over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.idempotency import idempotent
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.fields.snowflake import parse_id
from minigram_site.web.pagination import MAX_PAGE_SIZE, Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.cards import PhotoCard
from photos.permissions import require_visible
from social import people
from social.albums import contents, deleting, editing, reading, saved
from social.albums.api.json import album_json
from social.albums.api.serializers import (
    AlbumChangesSerializer,
    AlbumSerializer,
    NewAlbumSerializer,
    PositionSerializer,
    SavedSerializer,
    SavedStatesSerializer,
)
from social.albums.reading import AlbumCard


@extend_schema(tags=["collections"])
class SavedView(ApiView):
    """Whether you have saved a photo."""

    @extend_schema(summary="Whether you have saved it", responses=SavedSerializer)
    def get(self, request: Request, photo_id: int) -> Response:
        """Answer with that."""
        require_visible(request.user, photo_id)
        return Response({"saved": photo_id in saved.saved_among(caller(request), [photo_id])})

    @extend_schema(
        summary="Save a photo",
        description="Nobody is told. Again changes nothing.",
        request=None,
        responses=SavedSerializer,
    )
    def put(self, request: Request, photo_id: int) -> Response:
        """Save; again changes nothing."""
        require_visible(request.user, photo_id)
        saved.save(user=caller(request), photo_id=photo_id)
        return Response({"saved": True})

    @extend_schema(summary="Take it out of the saved ones", responses={200: SavedSerializer})
    def delete(self, request: Request, photo_id: int) -> Response:
        """Take it out; again changes nothing."""
        require_visible(request.user, photo_id)
        saved.unsave(user=caller(request), photo_id=photo_id)
        return Response({"saved": False})


@extend_schema(tags=["collections"])
class SavedListView(PageView):
    """What you have saved."""

    cursor_keys = saved.KEYS

    @extend_schema(
        summary="What you have saved",
        description="Those that you may still see, the latest saved first.",
        responses=PhotoSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of photos."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Two queries."""
        return saved.saved_page(caller(request), cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)


@extend_schema(tags=["collections"])
class SavedStatesView(ApiView):
    """Which of some photos you have saved."""

    @extend_schema(
        summary="Which of these you have saved",
        description="For a page of photos, which do not say it themselves.",
        parameters=[
            OpenApiParameter(
                "ids", str, required=True, description=f"1 to {MAX_PAGE_SIZE}, with commas between."
            )
        ],
        responses=SavedStatesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Answer with the ids of those. ``ValidationError`` for what are no ids."""
        words = request.query_params.get("ids", "").split(",")
        asked = [parse_id(word) for word in words[: MAX_PAGE_SIZE + 1]]
        if None in asked or len(words) > MAX_PAGE_SIZE:
            sentence = f"Name 1 to {MAX_PAGE_SIZE} ids, with commas between them."
            raise ValidationError({"ids": [sentence]}, "invalid")
        found = saved.saved_among(caller(request), [one for one in asked if one is not None])
        return Response({"saved": [str(one) for one in asked if one in found]})


class AlbumsPageView(PageView):
    """A list of albums; subclasses say whose."""

    def row(self, item: AlbumCard, base: str) -> dict[str, Any]:
        """Return the album."""
        return album_json(item, base)


@extend_schema(tags=["collections"])
class MyAlbumsView(AlbumsPageView):
    """The albums to which you add."""

    @extend_schema(
        summary="The albums to which you add",
        description="Your own, and those of others of which you are a member; newest first.",
        responses=AlbumSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of albums."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[AlbumCard]:
        """Return a page of albums. Two queries."""
        return reading.albums_edited_by(caller(request), cursor, size)

    @extend_schema(
        summary="Make an album",
        request=NewAlbumSerializer,
        responses={201: AlbumSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the new album."""
        words = NewAlbumSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        made = editing.create_album(owner=caller(request), **words.validated_data)
        return Response(_album(request, made.pk), status=201)


@extend_schema(tags=["collections"])
class PersonAlbumsView(AlbumsPageView):
    """The albums of a person."""

    @extend_schema(summary="Their albums", responses=AlbumSerializer(many=True))
    def get(self, request: Request, username: str) -> Response:
        """Answer with a page of those that you may open, newest first."""
        return self.answer(request, username=username)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[AlbumCard]:
        """Return a page of albums. Three queries."""
        owner = people.profile(request.user, path["username"])
        return reading.albums_of(owner, request.user, cursor, size)


@extend_schema(tags=["collections"])
class AlbumView(ApiView):
    """An album."""

    @extend_schema(summary="Read an album", responses=AlbumSerializer)
    def get(self, request: Request, album_id: int) -> Response:
        """Answer with the album."""
        return Response(_album(request, album_id))

    @extend_schema(
        summary="Change an album", request=AlbumChangesSerializer, responses=AlbumSerializer
    )
    @refuses(403, "permission_denied")
    def patch(self, request: Request, album_id: int) -> Response:
        """Change an own album; what is left out stays."""
        changes = AlbumChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        editing.edit_album(owner=caller(request), album_id=album_id, **changes.validated_data)
        return self.get(request, album_id)

    @extend_schema(
        summary="Delete an album",
        description="You can bring it back for 30 days, with its photos, members and links.",
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def delete(self, request: Request, album_id: int) -> Response:
        """Delete an own album; its photos stay."""
        deleting.move_to_bin(owner=caller(request), album_id=album_id)
        return Response(status=204)


@extend_schema(tags=["collections"])
class AlbumPhotosView(PageView):
    """The photos of an album."""

    cursor_keys = reading.PHOTOS

    @extend_schema(
        summary="The photos of an album",
        description="Those that you may see, in its order.",
        responses=PhotoSerializer(many=True),
    )
    def get(self, request: Request, album_id: int) -> Response:
        """Answer with a page of photos."""
        return self.answer(request, album_id=album_id)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Four queries."""
        reading.album_card(request.user, path["album_id"])
        return reading.album_photos(path["album_id"], request.user, cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)


@extend_schema(tags=["collections"])
class AlbumPhotoView(ApiView):
    """A photo in an album."""

    @extend_schema(
        summary="Put a photo into an album",
        description="At its end; again changes nothing. `album_full` (409) beyond "
        f"{contents.MAX_PHOTOS} photos.",
        request=None,
        responses={204: None},
    )
    @refuses(409, "album_full")
    def put(self, request: Request, album_id: int, photo_id: int) -> Response:
        """Put it in. ``Problem`` 409 if the album is full."""
        try:
            contents.add(user=caller(request), album_id=album_id, photo_id=photo_id)
        except contents.AlbumFull as error:
            raise Problem(409, "album_full", str(error.message)) from None
        return Response(status=204)

    @extend_schema(
        summary="Take a photo out of an album",
        description="Its owner any, everybody their own and those that they added.",
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def delete(self, request: Request, album_id: int, photo_id: int) -> Response:
        """Take it out; again changes nothing."""
        contents.remove(user=caller(request), album_id=album_id, photo_id=photo_id)
        return Response(status=204)


@extend_schema(tags=["collections"])
class PositionView(ApiView):
    """The place of a photo in an album."""

    @extend_schema(summary="Move a photo", request=PositionSerializer, responses={204: None})
    @refuses(403, "permission_denied")
    def put(self, request: Request, album_id: int, photo_id: int) -> Response:
        """Move it before another one, or to the end."""
        place = PositionSerializer(data=request.data)
        place.is_valid(raise_exception=True)
        before = place.validated_data["before"]
        contents.move(user=caller(request), album_id=album_id, photo_id=photo_id, before=before)
        return Response(status=204)


def _album(request: Request, album_id: int) -> dict[str, Any]:
    return album_json(reading.album_card(request.user, album_id), base_of(request))
