"""The JSON API of mutes and hidden suggestions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import profile_json
from accounts.api.serializers import MutedPersonSerializer
from accounts.models import Mute, User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView
from minigram_site.web.pagination import Cursor, Page
from social import mutes, people
from social.api.people_views import PeopleView


class MuteSerializer(serializers.Serializer[Mute]):
    """When a mute ends."""

    ends_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When it ends by itself; left out or `null`: when you end it.",
    )


@extend_schema(tags=["people"])
class MuteView(ApiView):
    """Muting a person."""

    @extend_schema(
        summary="Mute",
        description="Silently: they are not told. Again it sets the end anew. 409 "
        "`cannot_mute_yourself`, `end_has_passed`, `too_many_mutes` if refused.",
        request=MuteSerializer,
        responses={204: None},
    )
    @refuses(409, "cannot_mute_yourself", "end_has_passed", "too_many_mutes")
    def put(self, request: Request, username: str) -> Response:
        """Mute. ``Problem`` if refused."""
        words = MuteSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        muted = people.profile(request.user, username)
        try:
            mutes.mute(
                muter=caller(request), muted=muted, ends_at=words.validated_data.get("ends_at")
            )
        except mutes.CannotMute as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(status=204)

    @extend_schema(summary="Unmute", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Unmute; again changes nothing."""
        muted = people.profile(request.user, username)
        mutes.unmute(muter=caller(request), muted=muted)
        return Response(status=204)


@extend_schema(tags=["me"])
class MutesView(PeopleView):
    """Those whom you mute."""

    @extend_schema(summary="Whom you mute", responses=MutedPersonSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of people, the latest mute first."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people."""
        return people.muted(caller(request), cursor, size)

    def row(self, item: User, base: str) -> dict[str, Any]:
        """Return the profile, and when the mute ends."""
        person: Any = item
        ends_at = person.mute_ends_at
        return {**profile_json(item, base), "mute_ends_at": ends_at and time_json(ends_at)}


@extend_schema(tags=["people"])
class SuggestionView(ApiView):
    """A person as a suggestion."""

    @extend_schema(summary="Do not suggest a person again", request=None, responses={204: None})
    @refuses(409, "cannot_hide_yourself")
    def put(self, request: Request, username: str) -> Response:
        """Hide; again changes nothing. ``Problem`` for oneself."""
        person = people.profile(request.user, username)
        try:
            mutes.hide_suggestion(user=caller(request), person=person)
        except mutes.CannotMute as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(status=204)

    @extend_schema(summary="Let a person be suggested again", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Show; again changes nothing."""
        person = people.profile(request.user, username)
        mutes.show_suggestion(user=caller(request), person=person)
        return Response(status=204)
