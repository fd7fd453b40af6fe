"""The API of those who leave."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import AuthenticationFailed

from accounts.api.authentication import SESSION_ENDED, caller
from accounts.api.serializers import PasswordSerializer
from accounts.authentication import passwords
from accounts.departures.leaving import depart
from accounts.models import Departure
from minigram_site.api.views import ApiView, validated


class DepartureSerializer(serializers.Serializer[Departure]):
    """An account that is to be deleted."""

    leaves_at = serializers.DateTimeField(help_text="When it is deleted, unless you log in before.")


def leave(request: Request) -> Departure:
    """Have the caller's account deleted after some days, once the password is confirmed.

    Raises ``ValidationError`` (400) for a wrong password, ``TooManyRequests`` for too many,
    ``AuthenticationFailed`` (401) where a suspension has ended the session meanwhile.
    """
    user = caller(request)
    password = validated(PasswordSerializer, request)["password"]
    if not passwords.confirm(password, user=user, request=request._request):
        raise ValidationError({"password": ["That isn’t your password."]}, "wrong_password")
    try:
        return depart(user=user)
    except PermissionDenied:
        raise AuthenticationFailed(SESSION_ENDED, "token_not_valid") from None


@extend_schema(tags=["me"])
class DeletionView(ApiView):
    """The deletion of your account."""

    @extend_schema(
        summary="Have your account deleted",
        description="The account is hidden at once and all log-ins end, that of the caller as "
        "well. It is deleted for good, with photos, files, likes and comments, at `leaves_at`. "
        "Whoever logs in before then keeps it: the answer says so by `deletion_cancelled`. "
        "The password is asked for again.",
        request=PasswordSerializer,
        responses={202: DepartureSerializer},
    )
    def post(self, request: Request) -> Response:
        """Answer 202 with when the account goes. Raises what ``leave`` does."""
        departure = leave(request)
        return Response({"leaves_at": departure.leaves_at}, status=202)
