"""Register, log in, refresh, log out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts import services
from accounts.api import tokens
from accounts.api.json import account_json
from accounts.api.serializers import (
    CredentialsSerializer,
    RefreshSerializer,
    RegisteredSerializer,
    RegisterSerializer,
    TokensSerializer,
)
from accounts.authentication import attempts
from accounts.authentication.suspensions import Suspension, suspension_of
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.views import ApiView, base_of


class OpenView(ApiView):
    """A view for clients that are not logged in; a token they send is ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


@extend_schema(tags=["auth"])
class RegisterView(OpenView):
    """Make an account."""

    @extend_schema(
        summary="Make an account and log in",
        request=RegisterSerializer,
        responses={201: RegisteredSerializer},
    )
    def post(self, request: Request) -> Response:
        """Answer with the account and a pair of tokens.

        Raises ``Problem`` 403 if the site is closed, ``TooManyRequests`` beyond the limit.
        """
        if not settings.REGISTRATION_OPEN:
            raise Problem(403, "registration_closed", "This site takes no new accounts now.")
        attempts.take_sign_up(request._request)
        user = services.register(**_valid(RegisterSerializer, request))
        body = {"user": account_json(user, base_of(request)), **tokens.issue(user)}
        return Response(body, status=201)


@extend_schema(tags=["auth"])
class TokenView(OpenView):
    """Log in."""

    @extend_schema(
        summary="Log in by name or e-mail",
        description="`suspended` (403) if the password is right and the account is suspended: "
        "`errors` has the `reason`, when it ends (`ends_at`), and where to appeal (`appeal_url`), "
        "as far as there is one.",
        request=CredentialsSerializer,
        responses={200: TokensSerializer},
    )
    def post(self, request: Request) -> Response:
        """Answer with a pair of tokens.

        Raises ``Problem`` 401 for wrong credentials, 403 for the right ones of somebody who is
        suspended, ``TooManyRequests`` for too many guesses.
        """
        user = authenticate(request, **_valid(CredentialsSerializer, request))
        if suspension := suspension_of(request):
            raise _refusal(suspension)
        if not isinstance(user, User):
            sentence = "No account has this name (or e-mail address) and password."
            raise Problem(401, "invalid_credentials", sentence)
        return Response(tokens.issue(user))


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
    def post(self, request: Request) -> Response:
        """Answer with a new pair of tokens. Raises ``Problem`` 401 for a token not in use."""
        try:
            return Response(tokens.renew(_valid(RefreshSerializer, request)["refresh"]))
        except tokens.RefusedToken as error:
            raise Problem(401, error.code, str(error)) from None


@extend_schema(tags=["auth"])
class LogoutView(OpenView):
    """Log out."""

    @extend_schema(summary="End the session", request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Answer 204, also if the session had ended. Raises ``Problem`` 401 for a false one."""
        try:
            tokens.end(_valid(RefreshSerializer, request)["refresh"])
        except tokens.RefusedToken as error:
            raise Problem(401, error.code, str(error)) from None
        return Response(status=204)


def _refusal(suspension: Suspension) -> Problem:
    known = {
        "reason": suspension.reason,
        "ends_at": suspension.ends_at and suspension.ends_at.isoformat(timespec="seconds"),
        "appeal_url": suspension.address,
    }
    errors = {name: [{"code": "suspended", "detail": text}] for name, text in known.items() if text}
    return Problem(403, "suspended", suspension.sentence, errors or None)


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the request's validated data; raises ``ValidationError`` (400, by field)."""
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
