"""What the social calls take and answer, beyond people and photos."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import LowerCaseEmailField, PersonSerializer, ProfileSerializer
from accounts.models import EmailCheck, SignUp, User
from minigram_site.api.fields import (
    EmptyIsGiven,
    IdTextField,
    KnownFieldsOnly,
    LineField,
    TextField,
)
from minigram_site.fields.text import with_scheme
from minigram_site.languages import NAMES
from photos.api.serializers import CaptionSerializer, MediaIdsField, PhotoSerializer
from photos.models import ALT_TEXT_LENGTH, Draft, Media, Tag
from social.publishing import cleaned_crop

# Enumerations that the OpenAPI document names (``minigram_site.api.openapi.document``).
MEDIA_STATES = Media.State.choices
DRAFT_STATES = ["unsent", "processing", "failed"]
NEW_PHOTO_STATES = ["published", "processing", "failed"]
FOLLOW_RESULTS = ["following", "requested"]


class GivenPasswordField(EmptyIsGiven, serializers.CharField):
    """A password that may be left out, and not be empty."""


class WebsiteField(serializers.URLField):
    """The address of a web page, with or without its scheme."""

    def to_internal_value(self, data: Any) -> str:
        """Return the address with its scheme."""
        return with_scheme(str(super().to_internal_value(data)))


@extend_schema_field({"type": "string", "pattern": f"^({'|'.join(NAMES)})?$"})
class LanguageField(serializers.ChoiceField):
    """One of the site's languages, or empty; one text in the document, which an enum is not."""


class ChangesSerializer(KnownFieldsOnly):
    """Changes to the own account; what is left out stays."""

    display_name = LineField(max_length=60, allow_blank=True, required=False)
    bio = TextField(max_length=500, allow_blank=True, required=False)
    website = WebsiteField(
        max_length=200,
        allow_blank=True,
        required=False,
        help_text="`https://` is put before an address without a scheme.",
    )
    is_private = serializers.BooleanField(required=False)
    noindex = serializers.BooleanField(
        required=False, help_text="Search engines are asked to leave you out."
    )
    language = LanguageField(
        choices=["", *NAMES],
        required=False,
        help_text="Of pages and mails; empty: as the browser asks. Answers of the API are English.",
    )
    email = LowerCaseEmailField(max_length=254, required=False, help_text="Needs `password`.")
    password = GivenPasswordField(
        max_length=128, required=False, trim_whitespace=False, write_only=True
    )

    def validate_website(self, value: str) -> str:
        """Return the address; ``ValidationError`` unless it is one of a web page."""
        if value and not value.startswith(("http://", "https://")):
            raise serializers.ValidationError("Begin with http:// or https://.", "invalid")
        return value


class ChangesWithAvatarSerializer(ChangesSerializer):
    """Changes to the own account, and a picture; what is left out stays."""

    avatar = serializers.FileField(required=False, allow_null=True, allow_empty_file=True)


class AvatarSerializer(serializers.Serializer[User]):
    """A picture of somebody."""

    image = serializers.FileField(allow_empty_file=True)


class MediaChangesSerializer(serializers.Serializer[Media]):
    """Changes to an upload; what is left out stays."""

    alt_text = TextField(max_length=ALT_TEXT_LENGTH, allow_blank=True, required=False)
    turn = serializers.IntegerField(
        min_value=0, max_value=3, required=False, help_text="Quarter turns, clockwise."
    )
    crop = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        required=False,
        help_text="What is kept once it is turned: left, top, width and height as fractions of the "
        "picture. Empty for all of it. The original stays whole.",
    )

    def validate_crop(self, value: list[float]) -> list[float]:
        """Return the crop; ``ValidationError`` if it is none."""
        try:
            return cleaned_crop(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "invalid") from None


class MediaUploadSerializer(serializers.Serializer[Media]):
    """A file, and its description."""

    image = serializers.FileField(allow_empty_file=True)
    alt_text = TextField(max_length=ALT_TEXT_LENGTH, allow_blank=True, required=False)


class MediaErrorSerializer(serializers.Serializer[Media]):
    """Why an upload failed."""

    code = serializers.CharField()
    detail = serializers.CharField()


class MediaSerializer(serializers.Serializer[Media]):
    """An upload."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=MEDIA_STATES)
    alt_text = serializers.CharField()
    turn = serializers.IntegerField(help_text="Quarter turns, clockwise.")
    crop = serializers.ListField(
        child=serializers.FloatField(), help_text="Left, top, width, height; empty for all of it."
    )
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    placeholder = serializers.CharField(allow_null=True)
    error = MediaErrorSerializer(allow_null=True)


class DraftChangesSerializer(CaptionSerializer):
    """A draft, or changes to one; what is left out stays."""

    media_ids = MediaIdsField(
        child=IdTextField(),
        required=False,
        help_text="Up to ten uploads (`POST media/`), in the order of the pictures.",
    )


class DraftSerializer(serializers.Serializer[Draft]):
    """A photo that is not published: composed on the upload page, or waiting for its pictures.

    The id of one that waits will be the photo's.
    """

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=DRAFT_STATES)
    caption = serializers.CharField()
    show_camera = serializers.BooleanField(required=False)
    created_at = serializers.DateTimeField()
    media = MediaSerializer(many=True)
    url = serializers.URLField(help_text="Where to see how far it is.")


class NewPhotoSerializer(PhotoSerializer):
    """What publishing led to: a photo, or one that waits for its pictures.

    `published`: the fields of a photo are there. `processing`: those are not yet, and `media` is.
    The id stays.
    """

    state = serializers.ChoiceField(choices=NEW_PHOTO_STATES)
    url = serializers.URLField(help_text="The page of the photo, or where to see how far it is.")
    media = MediaSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, of which only those of both are always there."""
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name in {"id", "state", "url", "caption", "created_at"}
        return fields


class FollowStateSerializer(serializers.Serializer[User]):
    """What following led to."""

    state = serializers.ChoiceField(choices=FOLLOW_RESULTS)


class InstanceSerializer(serializers.Serializer[User]):
    """What this site is and accepts."""

    name = serializers.CharField()
    version = serializers.CharField()
    registration_open = serializers.BooleanField(help_text="Also without an invitation.")
    sign_up = serializers.ChoiceField(choices=SignUp.values)
    question = serializers.CharField(help_text="For those who ask to join by approval.")
    email_check = serializers.ChoiceField(choices=EmailCheck.values)
    members_only = serializers.BooleanField(help_text="Nothing can be seen without a log-in.")
    members_may_invite = serializers.BooleanField()
    deletion_days = serializers.IntegerField(
        help_text="From when somebody asks for the deletion of their account until it is deleted."
    )
    provider = serializers.CharField(
        help_text="The name of the provider that people can sign in with; empty without one."
    )
    provider_only = serializers.BooleanField(help_text="Nobody but the staff logs in otherwise.")
    pages = serializers.ListField(
        child=serializers.CharField(), help_text="At `pages/{name}/`: rules, imprint, about."
    )
    accepted_types = serializers.ListField(child=serializers.CharField())
    max_upload_bytes = serializers.IntegerField()
    max_image_pixels = serializers.IntegerField()


class TagSerializer(serializers.Serializer[Tag]):
    """A tag."""

    name = serializers.CharField(help_text="Without its #, in the form that all spellings share.")
    url = serializers.URLField(help_text="Its page.")


class FollowedTagSerializer(TagSerializer):
    """A tag that you follow."""

    followed_at = serializers.DateTimeField()


class TrendingTagSerializer(TagSerializer):
    """A tag that people use now."""

    people = serializers.IntegerField(help_text="How many people published with it in seven days.")


class SuggestionSerializer(ProfileSerializer):
    """A person to follow, and why."""

    followed_by = serializers.CharField(
        allow_null=True, help_text="The name of somebody whom you follow and who follows them."
    )
    followed_by_count = serializers.IntegerField(help_text="How many of those there are.")


class FeedPhotoSerializer(PhotoSerializer):
    """A photo in your feed."""

    followed_tag = serializers.CharField(
        required=False, help_text="The followed tag that brought it; left out for people's photos."
    )


class SuggestionsSerializer(serializers.Serializer[Any]):
    """What somebody may mean who is still typing."""

    people = PersonSerializer(many=True)
    tags = TagSerializer(many=True)
