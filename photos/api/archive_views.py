"""The archive: photos that only their author sees."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView
from minigram_site.web.pagination import Cursor, Page
from photos import hiding
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.card_pages.archive import archive_page
from photos.cards import PhotoCard
from photos.permissions import own_photo


@extend_schema(tags=["photos"])
class ArchivedPhotoView(ApiView):
    """A photo of yours in the archive."""

    @extend_schema(
        summary="Archive a photo",
        description="Your own: it leaves all lists and counts, its files their public addresses; "
        "only you see it. Nothing is deleted.",
        request=None,
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def put(self, request: Request, photo_id: int) -> Response:
        """Archive; again changes nothing."""
        hiding.archive_photo(photo=own_photo(caller(request), photo_id))
        return Response(status=204)

    @extend_schema(
        summary="Bring a photo back from the archive",
        description="Where it stood, with its likes and comments.",
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def delete(self, request: Request, photo_id: int) -> Response:
        """Bring back; again changes nothing."""
        hiding.bring_back_photo(photo=own_photo(caller(request), photo_id))
        return Response(status=204)


@extend_schema(tags=["me"])
class ArchiveView(PageView):
    """Your archive."""

    @extend_schema(summary="Your archived photos", responses=PhotoSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of photos, newest first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Two queries."""
        return archive_page(caller(request), cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)
