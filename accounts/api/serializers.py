"""Serializers of the account calls, and of people in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from accounts.models import USERNAME_RULE, User
from minigram_site.api.fields import EmptyIsGiven, LineField


class LowerCaseField(LineField):
    """A name or e-mail address, kept in lower case."""

    takes_any_case = True

    def to_internal_value(self, data: Any) -> str:
        """Return the text in lower case."""
        return str(super().to_internal_value(data)).lower()


class LowerCaseEmailField(EmptyIsGiven, serializers.EmailField):
    """An e-mail address, kept in lower case."""

    def to_internal_value(self, data: Any) -> str:
        """Return the address in lower case."""
        return str(super().to_internal_value(data)).lower()


def unique(field: str) -> UniqueValidator:
    """Return the validator that no account has this value, with the model's own message."""
    message = str(getattr(User, field).field.error_messages["unique"])
    return UniqueValidator(User.objects.all(), message=message)


class RegisterSerializer(serializers.Serializer[User]):
    """A new account."""

    username = LowerCaseField(
        min_length=2, max_length=30, validators=[USERNAME_RULE, unique("username")]
    )
    email = LowerCaseEmailField(max_length=254, validators=[unique("email")])
    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return ``attrs``; raises ``serializers.ValidationError`` for a weak password.

        Django's validators compare it with name and e-mail too.
        """
        someone = User(username=attrs["username"], email=attrs["email"])
        try:
            validate_password(attrs["password"], someone)
        except ValidationError as error:
            raise serializers.ValidationError({"password": list(error.messages)}) from None
        return attrs


class CredentialsSerializer(serializers.Serializer[User]):
    """Name or e-mail address, and password."""

    username = LineField(max_length=254, help_text="The name or the e-mail address.")
    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class PasswordSerializer(serializers.Serializer[User]):
    """The password, asked again before something that matters."""

    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class NewPasswordSerializer(serializers.Serializer[User]):
    """The password, and another."""

    old_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)
    new_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class ResetSerializer(serializers.Serializer[User]):
    """The address that a link to choose another password is sent to."""

    email = LowerCaseEmailField(max_length=254)


class ResetConfirmSerializer(serializers.Serializer[User]):
    """The two last parts of that link, and another password."""

    uid = serializers.CharField(max_length=40)
    token = serializers.CharField(max_length=100)
    new_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[User]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=2000)


class TokensSerializer(serializers.Serializer[User]):
    """A pair of tokens."""

    access = serializers.CharField(help_text="For the header `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Replaced at every use.")
    deletion_cancelled = serializers.BooleanField(
        required=False,
        help_text="There, and true, if the account was to be deleted and this log-in keeps it.",
    )


ENTITY_TYPES = ["link", "tag", "mention"]


class EntitySerializer(serializers.Serializer[User]):
    """A part of a text that leads somewhere. Offsets count code points; `end` is not part of it."""

    type = serializers.ChoiceField(choices=ENTITY_TYPES)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    value = serializers.CharField(help_text="The address, the tag in its one form, a person's id.")
    url = serializers.CharField(help_text="Where it leads, for people.")


class PersonSerializer(serializers.Serializer[User]):
    """A person as lists show them."""

    id = serializers.CharField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    avatar = serializers.URLField(allow_null=True)


class CountedPersonSerializer(PersonSerializer):
    """A person with what their profile says."""

    bio = serializers.CharField()
    bio_entities = EntitySerializer(many=True)
    website = serializers.CharField()
    is_private = serializers.BooleanField()
    photo_count = serializers.IntegerField()
    follower_count = serializers.IntegerField()
    following_count = serializers.IntegerField()


class ProfileSerializer(CountedPersonSerializer):
    """A person as you see them."""

    you_follow = serializers.BooleanField()
    requested = serializers.BooleanField(help_text="You asked to follow, and wait.")
    follows_you = serializers.BooleanField()
    you_block = serializers.BooleanField()
    you_mute = serializers.BooleanField(help_text="They do not learn of it.")
    is_suspended = serializers.BooleanField(
        help_text="Hidden: suspended, or about to be deleted by their own wish. Such people are "
        "among your own followers, and those whom you block; nobody else sees them."
    )


class MutedPersonSerializer(ProfileSerializer):
    """A person whom you mute."""

    mute_ends_at = serializers.DateTimeField(
        allow_null=True, help_text="When the mute ends by itself; `null`: when you end it."
    )


class AccountSerializer(CountedPersonSerializer):
    """Your own account."""

    noindex = serializers.BooleanField(help_text="Search engines are asked to leave you out.")
    language = serializers.CharField(help_text="Of pages and mails; empty: as the browser asks.")
    email = serializers.EmailField()
    date_joined = serializers.DateTimeField()
