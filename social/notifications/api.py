"""The JSON API of notifications: the list, the mark of what is read, the count, the settings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refused
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import person_json
from accounts.api.serializers import PersonSerializer
from minigram_site.api.fields import IdTextField
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, PageView
from minigram_site.web.pagination import Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from social.notifications import inbox, wording
from social.notifications.activity import Activity, activity_page
from social.notifications.digest import service
from social.notifications.digest.schedule import zones
from social.notifications.kinds import KINDS
from social.notifications.models import Notification


class RemarkSerializer(serializers.Serializer[Notification]):
    """The comment that a notification is about."""

    id = serializers.CharField()
    text = serializers.CharField()


class ActivitySerializer(serializers.Serializer[Notification]):
    """A notification: one for all who did it."""

    id = serializers.CharField(help_text="Stays when more people do it.")
    kind = serializers.CharField(help_text=f"One of {', '.join(KINDS)}.")
    up_to = serializers.CharField(help_text="Its place, for `POST me/activity/read/`.")
    at = serializers.DateTimeField(help_text="When it happened last.")
    unread = serializers.BooleanField()
    sentence = serializers.CharField(help_text="All of it in words, without markup.")
    people = PersonSerializer(many=True, help_text="The newest who did it, two at most.")
    others = serializers.IntegerField(help_text="How many did it beside `people`.")
    more_others = serializers.BooleanField(help_text="There are more than `others`.")
    photo = PhotoSerializer(allow_null=True)
    comment = RemarkSerializer(allow_null=True)
    filtered = serializers.BooleanField(
        help_text="A word of your filter is in `comment` or `photo`: show them folded up."
    )
    url = serializers.URLField(allow_null=True, help_text="Where a browser goes.")


class UnreadSerializer(serializers.Serializer[Notification]):
    """How much is unread."""

    unread = serializers.IntegerField(help_text=f"{inbox.MOST + 1} stands for more, too.")


class ReadSerializer(serializers.Serializer[Notification]):
    """What is read."""

    up_to = IdTextField(help_text="The largest `up_to` that was shown.")


class WantedSerializer(serializers.Serializer[Notification]):
    """What somebody wants to be told of."""

    kinds = serializers.ListField(child=serializers.ChoiceField(choices=list(KINDS)))


class DigestSerializer(serializers.Serializer[Notification]):
    """When you are sent a mail of what is unread."""

    hour = serializers.IntegerField(
        min_value=0, max_value=23, allow_null=True, help_text="Of your clock; `null` for no mail."
    )
    zone = serializers.CharField(max_length=64, help_text="As `Europe/Berlin`.")

    def validate_zone(self, value: str) -> str:
        """Return the zone; ``ValidationError`` for one that this site does not know."""
        if value not in zones():
            raise serializers.ValidationError("This is not the name of a time zone.", "invalid")
        return value


def activity_json(shown: Activity, base: str) -> dict[str, Any]:
    """Return a notification; ``base`` is the scheme and host that addresses begin with."""
    remark = shown.remark
    return {
        "id": shown.key,
        "kind": shown.code,
        "up_to": str(shown.latest),
        "at": time_json(shown.at),
        "unread": shown.unread,
        "sentence": wording.sentence(shown),
        "people": [person_json(person, base) for person in shown.people],
        "others": shown.others,
        "more_others": shown.more,
        "photo": photo_json(shown.photo, base) if shown.photo else None,
        "comment": {"id": str(remark.id), "text": remark.text} if remark else None,
        "filtered": shown.filtered,
        "url": base + shown.url if shown.url else None,
    }


@extend_schema(tags=["activity"])
class ActivityView(PageView):
    """What happened to you and yours."""

    @extend_schema(summary="Your notifications", responses=ActivitySerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page, what happened last first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[Activity]:
        """Return a page of notifications. Five queries at most."""
        return activity_page(caller(request), cursor, size)

    def row(self, item: Activity, base: str) -> dict[str, Any]:
        """Return the notification."""
        return activity_json(item, base)


@extend_schema(tags=["activity"])
class UnreadView(ApiView):
    """How many of your notifications are unread."""

    @extend_schema(summary="How many are unread", responses=UnreadSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the number, that of the list's unread ones."""
        return Response({"unread": inbox.unread(caller(request).pk)})


@extend_schema(tags=["activity"])
class ReadView(ApiView):
    """How far you have read."""

    @extend_schema(
        summary="Mark as read what you have shown",
        description="For all devices. It only moves forward: an older `up_to` changes nothing.",
        request=ReadSerializer,
        responses=UnreadSerializer,
    )
    def post(self, request: Request) -> Response:
        """Mark it; answer with what is left. ``ValidationError`` for a time to come."""
        sent = ReadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            inbox.mark_read(user=caller(request), up_to=sent.validated_data["up_to"])
        except Refused as error:
            raise ValidationError(error.message_dict) from None
        return Response({"unread": inbox.unread(caller(request).pk)})


@extend_schema(tags=["activity"])
class WantedView(ApiView):
    """Of what you are told."""

    @extend_schema(summary="Of what you are told", responses=WantedSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the kinds that are on."""
        return self._wanted(request)

    @extend_schema(
        summary="Choose of what you are told",
        description="Of these kinds and no others. What is off is not listed or counted.",
        request=WantedSerializer,
        responses=WantedSerializer,
    )
    def put(self, request: Request) -> Response:
        """Answer with the kinds that are on."""
        sent = WantedSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        kinds = {KINDS[code] for code in sent.validated_data["kinds"]}
        inbox.set_wanted(user=caller(request), kinds=kinds)
        return self._wanted(request)

    def _wanted(self, request: Request) -> Response:
        return Response({"kinds": [kind.code for kind in inbox.wanted(caller(request))]})


@extend_schema(tags=["activity"])
class DigestView(ApiView):
    """Your daily mail."""

    @extend_schema(summary="When you are sent a daily mail", responses=DigestSerializer)
    def get(self, request: Request) -> Response:
        """Answer with hour and time zone; no hour, no mail."""
        return self._digest(request)

    @extend_schema(
        summary="Turn the daily mail on or off",
        request=DigestSerializer,
        responses=DigestSerializer,
    )
    def put(self, request: Request) -> Response:
        """Answer with hour and time zone."""
        sent = DigestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        if sent.validated_data["hour"] is None:
            service.turn_off(caller(request).pk)
        else:
            service.turn_on(user=caller(request), **sent.validated_data)
        return self._digest(request)

    def _digest(self, request: Request) -> Response:
        held = service.digest_of(caller(request))
        return Response({"hour": held.hour if held else None, "zone": held.zone if held else "UTC"})
