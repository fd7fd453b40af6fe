"""The photos of a tag."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from minigram_site.api.views import PageView
from minigram_site.fields.entities import tag_key
from minigram_site.web.pagination import Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.cards import PhotoCard
from photos.conversation.tags import tag_page


@extend_schema(tags=["photos"])
class TagPhotosView(PageView):
    """The photos of a tag."""

    @extend_schema(
        summary="Photos with a tag",
        description="Those whose captions have it, in any spelling, the newest first.",
        responses=PhotoSerializer(many=True),
    )
    def get(self, request: Request, name: str) -> Response:
        """Answer with a page of photos; 404 for what is no tag."""
        return self.answer(request, name=name)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of photos. Two queries. Raises ``Http404`` for what is no tag."""
        key = tag_key(path["name"])
        if not key:
            raise Http404
        return tag_page(key, request.user, cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)
