"""What the calls about collections take, and their shapes for the API's description."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import EntitySerializer, PersonSerializer, ProfileSerializer
from minigram_site.api.fields import IdTextField, LineField, TextField
from photos.api.serializers import (
    CameraSerializer,
    PhotoSerializer,
    PictureSerializer,
    SourceSerializer,
)
from social.albums.links import MAX_DAYS, PASSWORD_LENGTH
from social.albums.models import TEXT_LENGTH, TITLE_LENGTH, Album, ShareLink, Visibility


class SavedSerializer(serializers.Serializer[Any]):
    """Whether you have saved a photo."""

    saved = serializers.BooleanField()


class SavedStatesSerializer(serializers.Serializer[Any]):
    """Which photos you have saved."""

    saved = serializers.ListField(child=serializers.CharField(), help_text="Ids of photos.")


class NewAlbumSerializer(serializers.Serializer[Album]):
    """A new album."""

    title = LineField(max_length=TITLE_LENGTH)
    text = TextField(max_length=TEXT_LENGTH, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(
        choices=Visibility.values, required=False, help_text="`me` unless you say so."
    )


class AlbumChangesSerializer(serializers.Serializer[Album]):
    """Changes to an album; what is left out stays."""

    title = LineField(max_length=TITLE_LENGTH, required=False)
    text = TextField(max_length=TEXT_LENGTH, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(choices=Visibility.values, required=False)
    cover = IdTextField(required=False, help_text="The id of a photo of the album.")


class PositionSerializer(serializers.Serializer[Album]):
    """A place in an album."""

    before = IdTextField(
        allow_null=True, help_text="The photo that comes after it; `null` for the end."
    )


class AlbumSerializer(serializers.Serializer[Album]):
    """An album as you see it: number and cover are those of the photos that you may see."""

    id = serializers.CharField()
    url = serializers.URLField(help_text="The page of the album.")
    owner = PersonSerializer()
    title = serializers.CharField()
    text = serializers.CharField()
    text_entities = EntitySerializer(many=True)
    created_at = serializers.DateTimeField()
    visibility = serializers.ChoiceField(
        choices=Visibility.values, allow_null=True, help_text="`null`: it is not yours."
    )
    photo_count = serializers.IntegerField()
    cover = PhotoSerializer(allow_null=True)
    is_shared = serializers.BooleanField(help_text="Several people add to it.")
    may_add = serializers.BooleanField(help_text="Whether you do.")


class AlbumInvitationSerializer(serializers.Serializer[Album]):
    """An album to which somebody invites you."""

    album_id = serializers.CharField()
    title = serializers.CharField()
    owner = PersonSerializer()


class MemberSerializer(ProfileSerializer):
    """Somebody who adds to an album."""

    accepted = serializers.BooleanField(help_text="The invited are listed to the owner only.")


class NewLinkSerializer(serializers.Serializer[ShareLink]):
    """A new link."""

    days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, default=7, help_text="How long it works."
    )
    password = serializers.CharField(
        max_length=PASSWORD_LENGTH,
        allow_blank=True,
        required=False,
        trim_whitespace=False,
        write_only=True,
    )


class LinkSerializer(serializers.Serializer[ShareLink]):
    """A link of yours."""

    id = serializers.CharField()
    photo_id = serializers.CharField(allow_null=True)
    album_id = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    has_password = serializers.BooleanField()


class MadeLinkSerializer(LinkSerializer):
    """A link that was just made."""

    url = serializers.URLField(help_text="Told this once: it is kept nowhere.")
    token = serializers.CharField(help_text="For the calls below `shared/`.")
    needs_log_in = serializers.BooleanField(
        help_text="The site is for members only: whoever opens the link has to log in."
    )


class UnlockSerializer(serializers.Serializer[ShareLink]):
    """The password of a link."""

    password = serializers.CharField(
        max_length=PASSWORD_LENGTH, trim_whitespace=False, write_only=True
    )


class KeySerializer(serializers.Serializer[ShareLink]):
    """What opens a link that has a password, for some hours."""

    key = serializers.CharField(help_text="For the header `X-Share-Key`.")


class SharedSerializer(serializers.Serializer[ShareLink]):
    """What a link leads to."""

    leads_to = serializers.ChoiceField(choices=["photo", "album"])
    shared_by = serializers.CharField()
    title = serializers.CharField(help_text="Of an album; empty for a photo.")
    text = serializers.CharField()
    text_entities = EntitySerializer(
        many=True, help_text="Of a private account: web addresses alone."
    )
    photo_count = serializers.IntegerField()
    ends_at = serializers.DateTimeField()


class SharedPhotoSerializer(serializers.Serializer[ShareLink]):
    """A photo behind a link."""

    url = serializers.URLField()
    author = serializers.CharField()
    caption = serializers.CharField()
    caption_entities = EntitySerializer(
        many=True, help_text="Of a private account: web addresses alone."
    )
    created_at = serializers.DateTimeField()
    alt_text = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    placeholder = serializers.CharField()
    sources = SourceSerializer(many=True)
    more = PictureSerializer(many=True)
    camera = CameraSerializer()
    sensitive = serializers.BooleanField()
