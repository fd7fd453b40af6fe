"""What the photo calls take, and their shapes for the API's description."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from minigram_site.api.fields import TextField
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, COMMENT_LENGTH, Comment, Photo


class WordsSerializer(serializers.Serializer[Photo]):
    """The words of a photo."""

    caption = TextField(max_length=CAPTION_LENGTH, allow_blank=True, required=False)
    alt_text = TextField(
        max_length=ALT_TEXT_LENGTH,
        allow_blank=True,
        required=False,
        help_text="What is to be seen, for people who cannot see it.",
    )


class UploadSerializer(WordsSerializer):
    """A new photo."""

    image = serializers.FileField(allow_empty_file=True)


class CommentTextSerializer(serializers.Serializer[Comment]):
    """A new comment."""

    text = TextField(max_length=COMMENT_LENGTH)


class SourceSerializer(serializers.Serializer[Photo]):
    """One size of a picture."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.URLField()


class PhotoSerializer(serializers.Serializer[Photo]):
    """A photo as you see it."""

    id = serializers.CharField()
    url = serializers.URLField(help_text="The page of the photo.")
    author = PersonSerializer()
    caption = serializers.CharField()
    alt_text = serializers.CharField()
    created_at = serializers.DateTimeField()
    width = serializers.IntegerField(help_text="Of the original, upright.")
    height = serializers.IntegerField()
    placeholder = serializers.CharField(help_text="A tiny picture as a `data:` address.")
    sources = SourceSerializer(many=True, help_text="WebP files, smallest first.")
    like_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="Whether you like it.")


class LikedSerializer(serializers.Serializer[Photo]):
    """The likes of a photo, and yours."""

    liked = serializers.BooleanField()
    like_count = serializers.IntegerField()


class CommentSerializer(serializers.Serializer[Comment]):
    """A comment."""

    id = serializers.CharField()
    author = PersonSerializer()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
