"""The API of second factors: proving one at the log-in, and changing yours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.door_serializers import WAITING_CODES
from accounts.api.door_views import refuse_waiting
from accounts.api.refusals import refuse_suspended
from accounts.api.serializers import PasswordSerializer, TokensSerializer
from accounts.authentication import passwords, suspensions
from accounts.factors import mails, passkeys, service, totp
from accounts.factors.serializers import (
    AddedSerializer,
    AnswerSerializer,
    CodeSerializer,
    CodesSerializer,
    FactorsSerializer,
    NewPasskeySerializer,
    QuestionSerializer,
    SecretSerializer,
)
from accounts.logins.service import How, enter_app
from accounts.models import Passkey, User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, OpenView, not_found, validated

_AGAIN = "The password is asked for again, and the account gets a mail."


@contextmanager
def _conflicts() -> Iterator[None]:
    """Raise ``Problem`` 409 for what a verb refuses."""
    try:
        yield
    except ValidationError as error:
        code = str(error.error_list[0].code)
        raise Problem(409, code, " ".join(error.messages)) from None


def _conflict(error: passkeys.RefusedPasskey) -> Problem:
    return Problem(409, "passkey_refused", str(error))


def _sure(request: Request) -> User:
    """Return the caller, who has sent their password; raises ``ValidationError`` for another."""
    password = validated(PasswordSerializer, request)["password"]
    user = caller(request)
    if not passwords.confirm(password, user=user, request=request._request):
        raise ValidationError({"password": ["That isn’t your password."]}, "wrong_password")
    return user


def _passkey_json(passkey: Passkey) -> dict[str, Any]:
    return {"id": str(passkey.pk), "name": passkey.name, "used_at": passkey.used_at}


def log_in(
    request: Request,
    user: User,
    otp: str,
    *,
    how: How = How.PASSWORD,
    factor: str = "",
    once: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Return the tokens of a log-in (``enter_app``) for somebody whose password was right.

    ``how`` is what they have proved instead of it, ``factor`` what of that counts as the second
    factor; ``once`` is done in the transaction of the log-in, and raises where that may not be.
    Raises ``Problem`` 401 where a second factor is missing (``otp_required``) or wrong
    (``otp_invalid``), ``TooManyRequests`` for too many codes.
    """
    is_asked = not factor and service.is_on(user)
    if is_asked and not otp:
        sentence = "Send a code of your authenticator app, or a recovery code, as `otp`."
        raise Problem(401, "otp_required", sentence)
    if is_asked:
        service.take_guess(user, otp)
    with transaction.atomic():
        once()
        if is_asked and not (factor := service.prove(user, otp)):
            raise Problem(401, "otp_invalid", "This code isn’t right, or it was used before.")
        return enter_app(request, user, how=how, factor=factor)


@extend_schema(tags=["auth"])
class PasskeyQuestionView(OpenView):
    """The question to a passkey that logs in."""

    @extend_schema(
        summary="Begin to log in with a passkey",
        description="Without name and password. Ends by `auth/passkey/`.",
        request=None,
        responses=QuestionSerializer,
    )
    @refuses(409, "passkey_refused")
    def post(self, request: Request) -> Response:
        """Answer with the question. Raises ``Problem`` 409 where passkeys cannot be used."""
        try:
            return Response(passkeys.ask_to_log_in(None)._asdict())
        except passkeys.RefusedPasskey as error:
            raise _conflict(error) from None


@extend_schema(tags=["auth"])
class PasskeyLogInView(OpenView):
    """The answer of a passkey that logs in."""

    @extend_schema(
        summary="Log in with a passkey", request=AnswerSerializer, responses=TokensSerializer
    )
    @refuses(401, "passkey_refused")
    @refuses(403, *WAITING_CODES, "suspended", "provider_only")
    def post(self, request: Request) -> Response:
        """Answer with a pair of tokens.

        Raises ``Problem``: 401 for an answer that is not accepted, 403 as `auth/token/` does.
        """
        given = validated(AnswerSerializer, request)
        try:
            with transaction.atomic():
                found = passkeys.identify(user=None, **given)
                if found.is_copy:
                    mails.tell_on_commit(found.user, mails.PASSKEY_COPIED)
                if suspensions.lets_in(found.user):
                    how, factor = How.PASSKEY, service.PASSKEY
                    return Response(enter_app(request, found.user, how=how, factor=factor))
        except passkeys.RefusedPasskey as error:
            raise Problem(401, "passkey_refused", str(error)) from None
        request.shut_out = found.user  # type: ignore[attr-defined]
        refuse_waiting(request)
        refuse_suspended(request)
        raise Problem(403, "suspended", "This account is suspended.")


@extend_schema(tags=["me"])
class FactorsView(ApiView):
    """Your second factors."""

    @extend_schema(summary="Your second factors", responses=FactorsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the factors. Three queries."""
        held = service.factors_of(caller(request))
        return Response(
            {
                "is_on": held.is_on,
                "is_required": service.is_required(caller(request)),
                "totp": held.has_app,
                "passkeys": [_passkey_json(passkey) for passkey in held.passkeys],
                "recovery_codes_left": held.codes_left,
            }
        )


@extend_schema(tags=["me"])
class TotpView(ApiView):
    """Your authenticator app."""

    @extend_schema(
        summary="Begin to set up an authenticator app",
        description="It is asked for once `me/factors/totp/confirm/` has seen a code of it. Until "
        "then one that you have goes on. " + _AGAIN,
        request=PasswordSerializer,
        responses=SecretSerializer,
    )
    @refuses(409, "unconfirmed")
    def post(self, request: Request) -> Response:
        """Answer with the secret. Raises ``Problem`` 409 where the address is not confirmed."""
        user = _sure(request)
        with _conflicts():
            service.refuse_unconfirmed(user)
        secret = totp.begin(user)
        return Response({"secret": secret, "url": totp.address_of(user, secret)})

    @extend_schema(
        summary="Forget your authenticator app",
        description=_AGAIN,
        request=PasswordSerializer,
        responses={204: None},
    )
    @refuses(400, "invalid")
    @refuses(409, "factor_required")
    def delete(self, request: Request) -> Response:
        """Answer 204, also without one. Raises ``Problem`` 409 where a factor has to stay."""
        user = _sure(request)
        with _conflicts():
            service.turn_app_off(user)
        return Response(status=204)


@extend_schema(tags=["me"])
class TotpConfirmView(ApiView):
    """The first code of your authenticator app."""

    @extend_schema(
        summary="Turn an authenticator app on",
        request=CodeSerializer,
        responses=CodesSerializer,
    )
    def post(self, request: Request) -> Response:
        """Answer with recovery codes, if it is the first factor.

        Raises ``ValidationError`` (400) for a wrong code, ``TooManyRequests`` for too many.
        """
        given = validated(CodeSerializer, request)["code"]
        service.take_guess(caller(request), given)
        code = totp.code_in(given)
        codes = service.confirm_app(caller(request), code) if code else None
        if codes is None:
            raise ValidationError({"code": ["This code isn’t right."]}, "wrong_code")
        return Response({"recovery_codes": codes})


@extend_schema(tags=["me"])
class RecoveryCodesView(ApiView):
    """Your recovery codes."""

    @extend_schema(
        summary="Get new recovery codes",
        description="Those that you have stop working. " + _AGAIN,
        request=PasswordSerializer,
        responses=CodesSerializer,
    )
    @refuses(409, "no_factor")
    def post(self, request: Request) -> Response:
        """Answer with the codes. Raises ``Problem`` 409 without a second factor."""
        user = _sure(request)
        with _conflicts():
            return Response({"recovery_codes": service.new_codes(user)})


@extend_schema(tags=["me"])
class PasskeysView(ApiView):
    """Your passkeys."""

    @extend_schema(
        summary="Keep a passkey",
        description="Begins by `me/factors/passkeys/question/`. The account gets a mail.",
        request=NewPasskeySerializer,
        responses={201: AddedSerializer},
    )
    @refuses(409, "passkey_refused")
    def post(self, request: Request) -> Response:
        """Answer with the passkey. Raises ``Problem`` 409 for an answer that is not accepted."""
        given = validated(NewPasskeySerializer, request)
        try:
            made, codes = service.add_passkey(caller(request), **given)
        except passkeys.RefusedPasskey as error:
            raise _conflict(error) from None
        return Response({"passkey": _passkey_json(made), "recovery_codes": codes}, status=201)


@extend_schema(tags=["me"])
class NewPasskeyQuestionView(ApiView):
    """The question to a device that is to hold a passkey."""

    @extend_schema(
        summary="Begin to add a passkey",
        description="The password is asked for again.",
        request=PasswordSerializer,
        responses=QuestionSerializer,
    )
    @refuses(409, "passkey_refused", "unconfirmed")
    def post(self, request: Request) -> Response:
        """Answer with the question. Raises ``Problem`` 409 where there can be none."""
        user = _sure(request)
        with _conflicts():
            service.refuse_unconfirmed(user)
        try:
            return Response(passkeys.ask_to_add(user)._asdict())
        except passkeys.RefusedPasskey as error:
            raise _conflict(error) from None


@extend_schema(tags=["me"])
class PasskeyView(ApiView):
    """One of your passkeys."""

    @extend_schema(
        summary="Forget a passkey",
        description=_AGAIN,
        request=PasswordSerializer,
        responses={204: None},
    )
    @refuses(400, "invalid")
    @refuses(409, "factor_required")
    def delete(self, request: Request, passkey_id: int) -> Response:
        """Answer 204. Raises ``Problem``: 404 for somebody else's, 409 where one has to stay."""
        if not caller(request).passkeys.filter(pk=passkey_id).exists():
            raise not_found()
        user = _sure(request)
        with _conflicts():
            service.remove_passkey(user, passkey_id)
        return Response(status=204)
