"""Register, log in, refresh, log out."""

from __future__ import annotations

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import tokens
from accounts.api.door_serializers import (
    WAITING_CODES,
    RegisteredSerializer,
    SignUpSerializer,
)
from accounts.api.door_views import refuse_waiting, waiting_json
from accounts.api.json import account_json
from accounts.api.refusals import refuse_suspended
from accounts.api.serializers import (
    RefreshSerializer,
    TokensSerializer,
)
from accounts.authentication import attempts
from accounts.doors.signing_up import DoorClosed, require_open, sign_up
from accounts.doors.site import read
from accounts.factors.api import log_in
from accounts.factors.serializers import FactorsLogInSerializer
from accounts.logins.service import How, enter_app
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import OpenView, base_of, validated


@extend_schema(tags=["auth"])
class RegisterView(OpenView):
    """Make an account."""

    @extend_schema(
        summary="Make an account and log in",
        description="`instance` says which way in there is. 202 where an address has to be "
        "confirmed or the sign-up approved: until then there are no tokens.",
        request=SignUpSerializer,
        responses={201: RegisteredSerializer, 202: RegisteredSerializer},
    )
    @refuses(403, "registration_closed", "invitation_required", "provider_only")
    def post(self, request: Request) -> Response:
        """Answer with the account and a pair of tokens, or where the sign-up stands.

        Raises ``Problem`` 403 if nobody can sign up so, ``TooManyRequests`` beyond the limit.
        """
        try:
            require_open(read(), _code_in(request))
            attempts.take_sign_up(request._request)
            user = sign_up(**validated(SignUpSerializer, request))
        except DoorClosed as error:
            raise Problem(403, error.code, str(error)) from None
        if not user.is_active:
            waiting = waiting_json(user)
            return Response({"state": waiting["code"], **waiting}, status=202)
        pair = enter_app(request, user, how=How.SIGN_UP)
        body = {"state": "logged_in", "user": account_json(user, base_of(request)), **pair}
        return Response(body, status=201)


@extend_schema(tags=["auth"])
class TokenView(OpenView):
    """Log in."""

    @extend_schema(
        summary="Log in by name or e-mail",
        description="`otp_required` (401) if the password is right and there is a second factor: "
        "send all of it again with `otp`. `suspended` (403) if the password is right and the "
        "account is suspended: `errors` has the `reason`, when it ends (`ends_at`), and where to "
        "appeal (`appeal_url`), as far as there is one.",
        request=FactorsLogInSerializer,
        responses={200: TokensSerializer},
    )
    @refuses(401, "invalid_credentials", "otp_required", "otp_invalid")
    @refuses(403, *WAITING_CODES, "suspended", "provider_only")
    def post(self, request: Request) -> Response:
        """Answer with a pair of tokens.

        Raises ``Problem`` 401 for wrong credentials or a second factor that is missing, 403 with a
        code that says where somebody stands who is not in yet, or is suspended;
        ``TooManyRequests`` for too many guesses.
        """
        given = validated(FactorsLogInSerializer, request)
        otp = given.pop("otp")
        user = authenticate(request, **given)
        refuse_waiting(request)
        refuse_suspended(request)
        if not isinstance(user, User):
            sentence = "This username or e-mail address and password don’t match any account."
            raise Problem(401, "invalid_credentials", sentence)
        return Response(log_in(request, user, otp))


@extend_schema(tags=["auth"])
class RefreshView(OpenView):
    """Stay logged in."""

    @extend_schema(
        summary="Replace the refresh token",
        description="A refresh token works once, and is answered again for a minute: answers get "
        "lost. Using an older one ends the session.",
        request=RefreshSerializer,
        responses={200: TokensSerializer},
    )
    @refuses(401, "token_reused", "token_not_valid")
    def post(self, request: Request) -> Response:
        """Answer with a new pair of tokens. Raises ``Problem`` 401 for a token not in use."""
        try:
            return Response(tokens.renew(validated(RefreshSerializer, request)["refresh"]))
        except tokens.RefusedToken as error:
            raise Problem(401, error.code, str(error)) from None


@extend_schema(tags=["auth"])
class LogoutView(OpenView):
    """Log out."""

    @extend_schema(summary="End the session", request=RefreshSerializer, responses={204: None})
    @refuses(401, "token_not_valid")
    def post(self, request: Request) -> Response:
        """Answer 204, also if the session had ended. Raises ``Problem`` 401 for a false one."""
        try:
            tokens.end(validated(RefreshSerializer, request)["refresh"])
        except tokens.RefusedToken as error:
            raise Problem(401, error.code, str(error)) from None
        return Response(status=204)


def _code_in(request: Request) -> str:
    """Return the code of an invitation that was sent, before anything is validated."""
    return str(request.data.get("invitation") or "") if isinstance(request.data, dict) else ""
