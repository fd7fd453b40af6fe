"""One photo and its likes."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import person_json
from accounts.api.serializers import PersonSerializer
from accounts.people import person
from minigram_site.api.negotiation import AnyAccept
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page, paginate
from photos import services
from photos.api.json import photo_json
from photos.api.serializers import (
    EditSerializer,
    LikedSerializer,
    PhotoSerializer,
)
from photos.bin import move_to_bin
from photos.cards import PhotoCard, cards_of, likes_of
from photos.files.originals import original_of
from photos.models import Like
from photos.permissions import own_photo, require_visible


def card_or_404(request: Request, photo_id: int) -> PhotoCard:
    """Return the card of a photo; 404 unless the caller may see it. One query."""
    found = cards_of([photo_id], request.user)
    if not found:
        require_visible(request.user, photo_id)
    return found[0]


@extend_schema(tags=["photos"])
class PhotoView(ApiView):
    """One photo."""

    @extend_schema(summary="Read a photo", responses=PhotoSerializer)
    def get(self, request: Request, photo_id: int) -> Response:
        """Answer with the photo."""
        return Response(photo_json(card_or_404(request, photo_id), base_of(request)))

    @extend_schema(summary="Change its words", request=EditSerializer, responses=PhotoSerializer)
    @refuses(403, "permission_denied")
    def patch(self, request: Request, photo_id: int) -> Response:
        """Change caption and alt text of an own photo."""
        photo = own_photo(caller(request), photo_id)
        words = EditSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        services.edit_photo(photo=photo, **words.validated_data)
        return self.get(request, photo_id)

    @extend_schema(
        summary="Delete it",
        description="It can be brought back for 30 days: see `me/deleted/`.",
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def delete(self, request: Request, photo_id: int) -> Response:
        """Move an own photo to the bin."""
        move_to_bin(photo=own_photo(caller(request), photo_id))
        return Response(status=204)


@extend_schema(tags=["photos"])
class OriginalView(ApiView):
    """A file as it was uploaded."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="Download an original",
        description="Your own only: it holds place and camera. `number` counts from 1.",
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    @refuses(403, "permission_denied")
    def get(self, request: Request, photo_id: int, number: int) -> FileResponse:
        """Send the file."""
        return original_of(caller(request), photo_id, number)


@extend_schema(tags=["photos"])
class LikeView(ApiView):
    """Your like."""

    @extend_schema(summary="Like a photo", request=None, responses=LikedSerializer)
    def put(self, request: Request, photo_id: int) -> Response:
        """Like; again changes nothing."""
        require_visible(request.user, photo_id)
        services.like(user=caller(request), photo_id=photo_id)
        return self._answer(request, photo_id)

    @extend_schema(summary="Take a like back", responses={200: LikedSerializer})
    def delete(self, request: Request, photo_id: int) -> Response:
        """Unlike; again changes nothing."""
        require_visible(request.user, photo_id)
        services.unlike(user=caller(request), photo_id=photo_id)
        return self._answer(request, photo_id)

    def _answer(self, request: Request, photo_id: int) -> Response:
        found = likes_of(photo_id, caller(request))
        if found is None:
            raise Http404
        liked, like_count = found
        return Response({"liked": liked, "like_count": like_count})


@extend_schema(tags=["photos"])
class LikesView(PageView):
    """Who likes a photo."""

    @extend_schema(summary="Who likes it", responses=PersonSerializer(many=True))
    def get(self, request: Request, photo_id: int) -> Response:
        """Answer with a page of people, the latest like first."""
        return self.answer(request, photo_id=photo_id)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[Like]:
        """Return a page of likes. Two queries."""
        require_visible(request.user, path["photo_id"])
        return paginate(Like.objects.of(path["photo_id"], request.user), cursor, size)

    def row(self, item: Like, base: str) -> dict[str, Any]:
        """Return the person."""
        return person_json(person(item.user), base)
