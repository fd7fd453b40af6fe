"""The JSON API of pushes: the device of this log-in."""

from __future__ import annotations

from django.core.exceptions import ValidationError as Refused
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.tokens import claims
from minigram_site.api.views import ApiView
from social.notifications.models import PushDevice
from social.notifications.push import devices, keys, sending
from social.notifications.push.sending import Target


class PushSerializer(serializers.Serializer[PushDevice]):
    """Whether this device is told."""

    public_key = serializers.CharField(
        allow_null=True, help_text="The site's key (VAPID); `null`: this site sends no pushes."
    )
    on = serializers.BooleanField(help_text="What is new is sent to the device of this log-in.")


class DeviceSerializer(serializers.Serializer[PushDevice]):
    """A device, as the Push API of browsers describes it."""

    endpoint = serializers.CharField(max_length=sending.ENDPOINT_LENGTH)
    p256dh = serializers.CharField(max_length=120)
    auth = serializers.CharField(max_length=40)


@extend_schema(tags=["activity"])
class PushView(ApiView):
    """Web Push to the device of this log-in."""

    @extend_schema(summary="Whether this device is told", responses=PushSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the site's key, and whether this device is told."""
        available = keys.is_available()
        on = available and devices.is_on(_login(request))
        return Response({"public_key": keys.public_key() if available else None, "on": on})

    @extend_schema(
        summary="Send what is new to this device",
        description="In place of another device of this log-in, and of another person's log-in "
        "on this device. It ends with the log-in. 404: this site sends no pushes.",
        request=DeviceSerializer,
        responses={204: None},
    )
    def put(self, request: Request) -> Response:
        """Turn it on; ``Http404`` without pushes, ``ValidationError`` for what is no device."""
        if not keys.is_available():
            raise Http404
        sent = DeviceSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            target = Target(**sent.validated_data)
            devices.turn_on(user=caller(request), login=_login(request), target=target)
        except Refused as error:
            raise ValidationError({"endpoint": error.messages}, "invalid") from None
        return Response(status=204)

    @extend_schema(summary="Send nothing more to this device", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Turn it off; again changes nothing."""
        devices.turn_off(login=_login(request))
        return Response(status=204)


def _login(request: Request) -> str:
    return devices.api_login(claims(request.auth)[2])
