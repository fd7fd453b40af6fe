"""Search: people, tags, photos, and suggestions while somebody types."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.json import person_json, profile_json
from accounts.api.serializers import ProfileSerializer
from accounts.models import User
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import throttle
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.cards import PhotoCard
from social import search
from social.api.serializers import SuggestionsSerializer, TagSerializer
from social.search import FoundTag, InvalidQuery, Query

PEOPLE, TAGS = 6, 6
_TEXT = OpenApiParameter(
    "q",
    OpenApiTypes.STR,
    required=True,
    description="What was typed: words or their beginnings, `@name`, `#tag`; up to "
    f"{search.MAX_LENGTH} characters. All of it has to be found; there are no operators.",
)


class SearchView(PageView):
    """A list of what was found; subclasses say of what."""

    read_throttle = throttle("search")


def asked_query(request: Request) -> Query:
    """Return what ``?q=`` asks for. Raises ``ValidationError`` (400) for nothing, or too much."""
    try:
        query = search.parse(request.query_params.get("q", ""))
    except InvalidQuery as error:
        raise ValidationError({"q": [str(error)]}, "max_length") from None
    if not query.text:
        raise ValidationError({"q": ["Say what to search for."]}, "required")
    return query


@extend_schema(tags=["search"])
class PeopleSearchView(SearchView):
    """People by name."""

    cursor_keys = search.PERSON_KEYS

    @extend_schema(
        summary="Search for people",
        description="By user name and name. First whose name it is, then whom you follow, then by "
        "the number of followers.",
        parameters=[_TEXT],
        responses=ProfileSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of people."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people. Two queries."""
        return search.people_page(asked_query(request), request.user, cursor, size)

    def row(self, item: User, base: str) -> dict[str, Any]:
        """Return the profile."""
        return profile_json(item, base)


@extend_schema(tags=["search"])
class TagSearchView(SearchView):
    """Tags by name."""

    cursor_keys = search.TAG_KEYS

    @extend_schema(
        summary="Search for tags",
        description="Those of photos that you may see. The tag itself first, then the most "
        "recently used.",
        parameters=[_TEXT],
        responses=TagSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of tags."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[FoundTag]:
        """Return a page of tags. One query."""
        return search.tags_page(asked_query(request), request.user, cursor, size)

    def row(self, item: FoundTag, base: str) -> dict[str, Any]:
        """Return the tag."""
        return tag_json(item, base)


@extend_schema(tags=["search"])
class PhotoSearchView(SearchView):
    """Photos by words."""

    cursor_keys = search.PHOTO_KEYS

    @extend_schema(
        summary="Search for photos",
        description="By the words of captions and descriptions. Whole words first, then "
        "beginnings of words; the newest first.",
        parameters=[_TEXT],
        responses=PhotoSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of photos."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Up to six queries."""
        return search.photos_page(asked_query(request), request.user, cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)


@extend_schema(tags=["search"])
class SuggestionsView(ApiView):
    """What somebody may mean while they type."""

    read_throttle = throttle("search")

    @extend_schema(
        summary="Suggestions while somebody types",
        description=f"Up to {PEOPLE} people and {TAGS} tags.",
        parameters=[_TEXT],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Answer with people and tags. Two queries."""
        query, base = asked_query(request), base_of(request)
        people = search.suggested_people(query, request.user, PEOPLE)
        tags = search.suggested_tags(query, request.user, TAGS)
        return Response(
            {
                "people": [person_json(one, base) for one in people],
                "tags": [tag_json(one, base) for one in tags],
            }
        )


def tag_json(tag: FoundTag, base: str) -> dict[str, Any]:
    """Return the fields of a tag; ``base`` is the site's address, ``https://…``."""
    return {"name": tag.key, "url": base + tag.url}
