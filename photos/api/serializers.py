"""What the photo calls take, and their shapes for the API's description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import EntitySerializer, PersonSerializer
from minigram_site.api.fields import IdTextField, TextField
from photos.conversation.texts import validate_tags
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, COMMENT_LENGTH, Comment, Photo
from photos.pictures import MAX_PICTURES


class CaptionSerializer(serializers.Serializer[Photo]):
    """The words of a photo as a whole."""

    caption = TextField(
        max_length=CAPTION_LENGTH, allow_blank=True, required=False, validators=[validate_tags]
    )
    show_camera = serializers.BooleanField(
        required=False, help_text="Show camera, lens, exposure and date. Off unless you say so."
    )


class WordsSerializer(CaptionSerializer):
    """The words of a photo."""

    alt_text = TextField(
        max_length=ALT_TEXT_LENGTH,
        allow_blank=True,
        required=False,
        help_text="What is to be seen, for people who cannot see it.",
    )


class PhotoFileSerializer(WordsSerializer):
    """A new photo, from a file."""

    image = serializers.FileField(
        allow_empty_file=True, error_messages={"required": "Send a picture, or media_ids."}
    )


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": MAX_PICTURES,
        "uniqueItems": True,
    }
)
class MediaIdsField(serializers.ListField):
    """Ids of uploads; their number is looked at where they become a photo."""


class PhotoOfUploadsSerializer(CaptionSerializer):
    """A new photo, from uploads, which carry their alt texts themselves."""

    media_ids = MediaIdsField(
        child=IdTextField(),
        help_text="1 to 10 uploads (`POST media/`), in the order of the pictures.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values. Raises ``ValidationError`` if what goes with a file was sent, too."""
        for field in ("image", "alt_text"):
            if field in self.initial_data:
                raise serializers.ValidationError({field: ["Not together with media_ids."]})
        return attrs


class EditSerializer(WordsSerializer):
    """The words of a published photo."""

    alt_texts = serializers.ListField(
        child=TextField(max_length=ALT_TEXT_LENGTH, allow_blank=True),
        required=False,
        help_text="Of all its pictures, in their order; `alt_text` is that of the first.",
    )
    comments_off = serializers.BooleanField(
        required=False, help_text="Let nobody write below it. What is there stays to be read."
    )


class CommentTextSerializer(serializers.Serializer[Comment]):
    """The text of a comment."""

    text = TextField(max_length=COMMENT_LENGTH, validators=[validate_tags])


class NewCommentSerializer(CommentTextSerializer):
    """A new comment."""

    reply_to = IdTextField(
        required=False,
        help_text="The comment that it replies to. Replies are one level deep: a reply to a reply "
        "stands below its top comment, and mentions whom it answers.",
    )


class SourceSerializer(serializers.Serializer[Photo]):
    """One size of a picture."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.URLField()


class PictureSerializer(serializers.Serializer[Photo]):
    """A further picture of a photo."""

    alt_text = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    placeholder = serializers.CharField()
    sources = SourceSerializer(many=True)


class CameraSerializer(serializers.Serializer[Photo]):
    """What the author shows of the camera; empty unless they chose to."""

    camera = serializers.CharField(required=False)
    lens = serializers.CharField(required=False)
    exposure = serializers.CharField(required=False)
    taken = serializers.CharField(required=False)


class PhotoSerializer(serializers.Serializer[Photo]):
    """A photo as you see it."""

    id = serializers.CharField()
    url = serializers.URLField(help_text="The page of the photo.")
    author = PersonSerializer()
    caption = serializers.CharField()
    caption_entities = EntitySerializer(many=True)
    created_at = serializers.DateTimeField()
    alt_text = serializers.CharField()
    width = serializers.IntegerField(help_text="Of the original, upright.")
    height = serializers.IntegerField()
    placeholder = serializers.CharField(help_text="A tiny picture as a `data:` address.")
    sources = SourceSerializer(many=True, help_text="WebP files, smallest first.")
    more = PictureSerializer(many=True, help_text="The further pictures of a carousel.")
    preview = serializers.URLField(help_text="A JPEG for link previews.")
    camera = CameraSerializer()
    comments_off = serializers.BooleanField(help_text="Nobody can write below it.")
    sensitive = serializers.BooleanField(help_text="Blur it until the viewer asks to see it.")
    archived = serializers.BooleanField(help_text="Yours, and put away: nobody else sees it.")
    like_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="Whether you like it.")


class LikedSerializer(serializers.Serializer[Photo]):
    """The likes of a photo, and yours."""

    liked = serializers.BooleanField()
    like_count = serializers.IntegerField()


class CommentLikedSerializer(serializers.Serializer[Comment]):
    """The likes of a comment, and yours."""

    liked = serializers.BooleanField()
    like_count = serializers.IntegerField()


class ReplySerializer(serializers.Serializer[Comment]):
    """A comment that replies to another."""

    id = serializers.CharField()
    parent_id = serializers.CharField(allow_null=True, help_text="The comment that it replies to.")
    author = PersonSerializer(allow_null=True, help_text="`null`: you cannot read it any more.")
    text = serializers.CharField()
    entities = EntitySerializer(many=True)
    created_at = serializers.DateTimeField()
    edited = serializers.BooleanField()
    like_count = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="Whether you like it.")
    muted = serializers.BooleanField(
        help_text="You mute its author: show it folded up, or not at all."
    )


class CommentSerializer(ReplySerializer):
    """A comment, with the first replies to it."""

    reply_count = serializers.IntegerField()
    replies = ReplySerializer(many=True)
