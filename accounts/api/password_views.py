"""The API of passwords: change yours, or choose another by the link of a mail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.http import urlsafe_base64_decode
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import mails, services
from accounts.api.authentication import caller
from accounts.api.serializers import (
    NewPasswordSerializer,
    ResetConfirmSerializer,
    ResetSerializer,
    TokensSerializer,
)
from accounts.api.tokens import claims
from accounts.authentication import passwords
from accounts.logins.service import current_of_app, stay_in_app
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, OpenView, validated
from minigram_site.fields.snowflake import parse_id
from minigram_site.web.throttling import throttle


@extend_schema(tags=["me"])
class PasswordView(ApiView):
    """Your password."""

    @extend_schema(
        summary="Change your password",
        description="All log-ins end, that of the caller as well, who gets new tokens.",
        request=NewPasswordSerializer,
        responses=TokensSerializer,
    )
    def post(self, request: Request) -> Response:
        """Answer with a pair of tokens.

        Raises ``ValidationError`` (400) for a wrong password or a weak one, ``TooManyRequests`` for
        too many guesses.
        """
        given = validated(NewPasswordSerializer, request)
        user = caller(request)
        old, new = given["old_password"], given["new_password"]
        if not passwords.confirm(old, user=user, request=request._request):
            raise ValidationError({"old_password": ["That isn’t your password."]}, "wrong_password")
        _refuse_weak(new, user)
        with transaction.atomic():
            log_in_id = current_of_app(claims(request.auth)[2])
            services.change_password(user=user, password=new)
            return Response(stay_in_app(user, log_in_id))


@extend_schema(tags=["auth"])
class ResetView(OpenView):
    """The mail with a link to choose another password."""

    write_throttle = throttle("reset")

    @extend_schema(
        summary="Ask for a link to choose another password",
        description="202 whether there is an account or not. The link opens a page of the site.",
        request=ResetSerializer,
        responses={202: None},
    )
    def post(self, request: Request) -> Response:
        """Answer 202."""
        mails.send_reset_later(validated(ResetSerializer, request)["email"])
        return Response(status=202)


@extend_schema(tags=["auth"])
class ResetConfirmView(OpenView):
    """The link of that mail."""

    @extend_schema(
        summary="Choose another password by the link of a mail",
        description="`uid` and `token` are the last two parts of its address. All log-ins end.",
        request=ResetConfirmSerializer,
        responses={204: None},
    )
    @refuses(410, "broken_link")
    def post(self, request: Request) -> Response:
        """Answer 204. Raises ``Problem`` 410 for a link that does not work."""
        given = validated(ResetConfirmSerializer, request)
        user = _person_of(given["uid"])
        if user is None or not default_token_generator.check_token(user, given["token"]):
            raise Problem(410, "broken_link", "This link does not work any more: ask for another.")
        _refuse_weak(given["new_password"], user)
        services.change_password(user=user, password=given["new_password"])
        return Response(status=204)


def _person_of(uid: str) -> User | None:
    """Return whom the first part of a link names, if they may log in, or ``None``. One query."""
    try:
        number = parse_id(urlsafe_base64_decode(uid).decode())
    except ValueError:
        return None
    return User.objects.admitted().filter(pk=number).first() if number else None


def _refuse_weak(password: str, user: Any) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"new_password": error}) from None
