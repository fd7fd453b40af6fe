"""The API of signing in with a provider: an app's tokens for a code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.door_serializers import WAITING_CODES
from accounts.api.door_views import refuse_waiting
from accounts.api.refusals import refuse_suspended
from accounts.api.serializers import TokensSerializer
from accounts.authentication import suspensions
from accounts.doors.site import read
from accounts.factors import service
from accounts.factors.api import log_in
from accounts.logins.service import How
from accounts.models import AppCode
from accounts.provider import apps
from minigram_site.api.errors import Problem
from minigram_site.api.fields import LineField
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import OpenView, validated


class AppCodeSerializer(serializers.Serializer[Any]):
    """The code that an app was led back with, and what shows that it is the one that began."""

    code = LineField(max_length=100)
    code_verifier = LineField(max_length=128, help_text="Of PKCE (RFC 7636).")
    redirect_uri = LineField(max_length=500, help_text="The same as before.")
    otp = LineField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="A code of the authenticator app, or a recovery code. Send all of it again with "
        "it when the answer is `otp_required`.",
    )


@extend_schema(tags=["auth"])
class AppCodeView(OpenView):
    """The end of a sign-in with the provider, which an app has begun in a browser."""

    @extend_schema(
        summary="Log in with the site's provider",
        description="`instance` says whether there is one. Open "
        "`/login/provider/app/?redirect_uri=…&code_challenge=…&code_challenge_method=S256&state=…` "
        "in the person's browser; it ends at `redirect_uri` with `code` and `state`. A code is "
        "good once, for five minutes.",
        request=AppCodeSerializer,
        responses=TokensSerializer,
    )
    @refuses(401, "code_invalid", "otp_required", "otp_invalid")
    @refuses(403, *WAITING_CODES, "suspended")
    def post(self, request: Request) -> Response:
        """Answer with a pair of tokens.

        Raises ``Problem``: 401 for a code that is not good or a second factor that is missing, 403
        as `auth/token/` does; ``TooManyRequests`` for too many guesses of a second factor.
        """
        given = validated(AppCodeSerializer, request)
        otp = given.pop("otp")
        held = apps.find(**given)
        if held is None:
            raise _not_good()
        if not suspensions.lets_in(held.user):
            request.shut_out = held.user  # type: ignore[attr-defined]
            refuse_waiting(request)
            refuse_suspended(request)
            raise Problem(403, "suspended", "This account is suspended.")
        factor = service.PROVIDER if read().provider_is_second_factor else ""

        def once() -> None:
            _spend(held)

        pair = log_in(request, held.user, otp, how=How.PROVIDER, factor=factor, once=once)
        return Response(pair)


def _spend(held: AppCode) -> None:
    if not apps.spend(held):
        raise _not_good()


def _not_good() -> Problem:
    return Problem(401, "code_invalid", "This code is not good, or not any more. Begin again.")
