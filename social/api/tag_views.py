"""Tags to follow and followed ones, and suggestions of people."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import profile_json
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, PageView, not_found
from minigram_site.fields.entities import tag_key
from minigram_site.fields.snowflake import moment_of
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.templating.linked import path_of_tag
from social import explore, tags
from social.api.serializers import (
    FollowedTagSerializer,
    SuggestionSerializer,
    TrendingTagSerializer,
)
from social.explore.trending import TrendingTag
from social.models import FollowedTag
from social.suggestions import Suggestion, suggested


def key_or_404(name: str) -> str:
    """Return the key of a tag in any spelling; raises ``Problem`` (404) for what is no tag."""
    key = tag_key(name)
    if not key:
        raise not_found()
    return key


def tag_json(key: str, base: str) -> dict[str, Any]:
    """Return a tag; ``base`` is the scheme and host that addresses begin with."""
    return {"name": key, "url": base + path_of_tag(key)}


@extend_schema(tags=["me"])
class FollowedTagsView(PageView):
    """The tags that you follow."""

    @extend_schema(summary="Tags that you follow", responses=FollowedTagSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of tags, the latest followed first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[FollowedTag]:
        """Return a page of followed tags. One query."""
        return tags.followed_tags(caller(request), cursor, size)

    def row(self, item: FollowedTag, base: str) -> dict[str, Any]:
        """Return the tag and since when it is followed."""
        return {**tag_json(item.tag.key, base), "followed_at": time_json(moment_of(item.pk))}


@extend_schema(tags=["photos"])
class FollowTagView(ApiView):
    """Following a tag."""

    @extend_schema(
        summary="Follow a tag",
        description="Its public photos come into your feed, with the tag as `followed_tag`. "
        f"You can follow {tags.MOST_FOLLOWED} tags; 409 `too_many_tags` past that.",
        request=None,
        responses={204: None},
    )
    @refuses(400, "invalid")
    @refuses(409, "too_many_tags")
    def put(self, request: Request, name: str) -> Response:
        """Follow; again changes nothing. ``Problem`` if refused, 404 for what is no tag."""
        try:
            tags.follow_tag(user=caller(request), key=key_or_404(name))
        except tags.CannotFollowTag as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(status=204)

    @extend_schema(summary="Unfollow a tag", responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Unfollow; again changes nothing. 404 for what is no tag."""
        tags.unfollow_tag(user=caller(request), key=key_or_404(name))
        return Response(status=204)


@extend_schema(tags=["photos"])
class TrendingTagsView(PageView):
    """Trending tags."""

    @extend_schema(
        summary="Trending tags",
        description="Those with which the most people have published lately, in one page.",
        responses=TrendingTagSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with the tags, the most trending first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[TrendingTag]:
        """Return up to ``size`` tags. One query."""
        return Page(list(explore.trending_tags()[:size]), None, None)

    def row(self, item: TrendingTag, base: str) -> dict[str, Any]:
        """Return the tag and how many people used it."""
        return {**tag_json(item.key, base), "people": item.people}


@extend_schema(tags=["me"])
class SuggestionsView(PageView):
    """People to follow."""

    @extend_schema(
        summary="People to follow",
        description="In one page: those whom people follow whom you follow, then those who have "
        "published lately, then new ones.",
        responses=SuggestionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with people, the best first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[Suggestion]:
        """Return up to ``size`` suggestions."""
        return Page(suggested(caller(request), size), None, None)

    def row(self, item: Suggestion, base: str) -> dict[str, Any]:
        """Return the person, and by whom of those whom the caller follows they are followed."""
        return {
            **profile_json(item.person, base),
            "followed_by": item.known.username if item.known else None,
            "followed_by_count": item.others + 1 if item.known else 0,
        }
