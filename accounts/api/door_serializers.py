"""What the API of the doors takes and answers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts.api.serializers import (
    AccountSerializer,
    CredentialsSerializer,
    LowerCaseEmailField,
    LowerCaseField,
    RegisterSerializer,
)
from accounts.doors.invitations import MAX_DAYS, MAX_USES
from accounts.doors.names import refuse_reserved
from accounts.doors.signing_up import MAX_ANSWER
from accounts.models import USERNAME_RULE, Invitation, User
from minigram_site.api.fields import LineField, TextField


class SignUpSerializer(RegisterSerializer):
    """A new account, and what the door that is open asks for."""

    invitation = serializers.CharField(
        max_length=32, required=False, default="", allow_blank=True, help_text="The code of a link."
    )
    answer = TextField(
        max_length=MAX_ANSWER,
        required=False,
        default="",
        allow_blank=True,
        help_text="To the question in `instance`, where sign-ups are approved.",
    )

    def validate_username(self, name: str) -> str:
        """Return the name; raises ``serializers.ValidationError`` for one that is reserved."""
        try:
            refuse_reserved(name)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, error.code) from None
        return name


WAITING_CODES = ["email_unconfirmed", "approval_pending", "sign_up_refused"]


class RegisteredSerializer(serializers.Serializer[User]):
    """A new account: logged in, with a pair of tokens, or where it stands until it may log in."""

    state = serializers.ChoiceField(choices=["logged_in", *WAITING_CODES])
    user = AccountSerializer(required=False)
    access = serializers.CharField(
        required=False, help_text="For the header `Authorization: Bearer …`."
    )
    refresh = serializers.CharField(required=False, help_text="Replaced at every use.")
    code = serializers.ChoiceField(
        choices=WAITING_CODES, required=False, help_text="As `state`, where nobody is logged in."
    )
    detail = serializers.CharField(required=False, help_text="What to tell the person then.")


class UnconfirmedSerializer(CredentialsSerializer):
    """Name and password of somebody who is not in yet, and the right address if it was wrong."""

    email = LowerCaseEmailField(max_length=254, required=False)


class AddressSerializer(serializers.Serializer[User]):
    """Your e-mail address."""

    email = serializers.EmailField()
    is_confirmed = serializers.BooleanField()
    pending = serializers.CharField(help_text="Another address that a link waits at, or empty.")


class TokenSerializer(serializers.Serializer[User]):
    """What a link to confirm an address ends in."""

    token = serializers.CharField(max_length=500)


class ConfirmedSerializer(serializers.Serializer[User]):
    """An address that is confirmed."""

    email = serializers.EmailField()
    is_news = serializers.BooleanField(help_text="False if it was confirmed before.")


class NewNameSerializer(serializers.Serializer[User]):
    """Another name."""

    username = LowerCaseField(min_length=2, max_length=30, validators=[USERNAME_RULE])


class NewInvitationSerializer(serializers.Serializer[Invitation]):
    """An invitation to be made."""

    max_uses = serializers.IntegerField(min_value=1, max_value=MAX_USES, default=1)
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=7)
    note = LineField(max_length=60, required=False, default="", allow_blank=True)


class InvitationSerializer(serializers.Serializer[Invitation]):
    """An invitation that you have made."""

    id = serializers.CharField()
    code = serializers.CharField()
    url = serializers.URLField(help_text="The link for people.")
    note = serializers.CharField()
    max_uses = serializers.IntegerField()
    uses = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    is_revoked = serializers.BooleanField()


class SitePageSerializer(serializers.Serializer[Any]):
    """A page that the people who run this site have written."""

    name = serializers.CharField()
    title = serializers.CharField()
    html = serializers.CharField(help_text="Sanitised.")
