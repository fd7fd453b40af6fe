"""The JSON API of the words that somebody does not want to read."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.models import User
from minigram_site.api.views import ApiView
from minigram_site.fields.word_filter import MOST_WORDS, InvalidWords
from social import filters


class WordsSerializer(serializers.Serializer[User]):
    """Words that you do not want to read."""

    words = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        help_text=f"Words, phrases or emoji, {MOST_WORDS} at the most.",
    )


@extend_schema(tags=["me"])
class WordsView(ApiView):
    """Your filtered words."""

    @extend_schema(
        summary="Your filtered words",
        description="Pages fold up photos and comments that hold one; lists of the API hold all, "
        "so that a client can fold them up itself. Compared are NFKC with case folded: whole words "
        "in scripts that set words apart; emoji, Korean and scripts without spaces anywhere.",
        responses=WordsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Answer with the words, as they were typed."""
        return Response({"words": filters.filtered_words(caller(request))})

    @extend_schema(
        summary="Replace your filtered words", request=WordsSerializer, responses=WordsSerializer
    )
    def put(self, request: Request) -> Response:
        """Answer with the words as they are kept. ``ValidationError`` (400) if refused."""
        words = WordsSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        try:
            kept = filters.set_words(user=caller(request), words=words.validated_data["words"])
        except InvalidWords as error:
            raise serializers.ValidationError({"words": str(error)}, error.code) from None
        return Response({"words": kept})
