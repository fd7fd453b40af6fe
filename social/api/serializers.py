"""What the social calls take and answer, beyond people and photos."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.serializers import LowerCaseEmailField, unique
from accounts.models import User
from minigram_site.api.fields import LineField, TextField


class ChangesSerializer(serializers.Serializer[User]):
    """Changes to the own account; what is left out stays."""

    display_name = LineField(max_length=60, allow_blank=True, required=False)
    bio = TextField(max_length=500, allow_blank=True, required=False)
    website = serializers.URLField(max_length=200, allow_blank=True, required=False)
    is_private = serializers.BooleanField(required=False)
    avatar = serializers.FileField(
        required=False, allow_null=True, allow_empty_file=True, help_text="`null` removes it."
    )
    email = LowerCaseEmailField(
        max_length=254, required=False, validators=[unique("email")], help_text="Needs `password`."
    )
    password = serializers.CharField(
        max_length=128, required=False, trim_whitespace=False, write_only=True
    )

    def validate_website(self, value: str) -> str:
        """Refuse addresses that are no web pages."""
        if value and not value.startswith(("http://", "https://")):
            raise serializers.ValidationError("Begin with http:// or https://.", "invalid")
        return value


class PasswordSerializer(serializers.Serializer[User]):
    """The password, asked again before something that cannot be taken back."""

    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class FollowStateSerializer(serializers.Serializer[User]):
    """What following led to."""

    state = serializers.ChoiceField(choices=["following", "requested"])


class InstanceSerializer(serializers.Serializer[User]):
    """What this site is and accepts."""

    name = serializers.CharField()
    version = serializers.CharField()
    registration_open = serializers.BooleanField()
    accepted_types = serializers.ListField(child=serializers.CharField())
    max_upload_bytes = serializers.IntegerField()
    max_image_pixels = serializers.IntegerField()
