"""What the API of second factors takes and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import CredentialsSerializer
from minigram_site.api.fields import LineField


class FactorsLogInSerializer(CredentialsSerializer):
    """Name or e-mail address, password, and the second factor if there is one."""

    otp = LineField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="A code of the authenticator app, or a recovery code. Send it when the answer "
        "is `otp_required`.",
    )


class PasskeySerializer(serializers.Serializer[Any]):
    """A passkey of yours."""

    id = serializers.CharField()
    name = serializers.CharField()
    used_at = serializers.DateTimeField(allow_null=True)


class FactorsSerializer(serializers.Serializer[Any]):
    """Your second factors."""

    is_on = serializers.BooleanField(help_text="Whether a log-in asks for a second factor.")
    is_required = serializers.BooleanField(help_text="Whether the last one has to stay.")
    totp = serializers.BooleanField(help_text="Whether there is an authenticator app.")
    passkeys = PasskeySerializer(many=True)
    recovery_codes_left = serializers.IntegerField()


class SecretSerializer(serializers.Serializer[Any]):
    """What an authenticator app needs to know."""

    secret = serializers.CharField(help_text="Base32.")
    url = serializers.CharField(help_text="`otpauth://…`, to be shown as a QR code.")


class CodeSerializer(serializers.Serializer[Any]):
    """A code that the app shows."""

    code = LineField(max_length=40)


class CodesSerializer(serializers.Serializer[Any]):
    """Recovery codes, which are shown once."""

    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Empty where the ones you have stay."
    )


class QuestionSerializer(serializers.Serializer[Any]):
    """A question to a passkey."""

    state = serializers.CharField(help_text="To be sent with the answer, within five minutes.")
    options = serializers.DictField(
        help_text="WebAuthn's options in JSON: `PublicKeyCredentialCreationOptionsJSON` or "
        "`PublicKeyCredentialRequestOptionsJSON`."
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """What a passkey has answered."""

    state = serializers.CharField(max_length=20)
    answer = serializers.DictField(
        help_text="`RegistrationResponseJSON` or `AuthenticationResponseJSON` of WebAuthn."
    )


class NewPasskeySerializer(AnswerSerializer):
    """A passkey to be kept."""

    name = LineField(max_length=60, required=False, default="", allow_blank=True)


class AddedSerializer(CodesSerializer):
    """A passkey that is kept."""

    passkey = PasskeySerializer()
