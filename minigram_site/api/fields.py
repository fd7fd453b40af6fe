"""Serializer fields that follow the site's rules for text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from minigram_site.fields.snowflake import MAX_ID
from minigram_site.fields.text import clean, clean_line


class TextField(serializers.CharField):
    """Text as people type it, cleaned before its length is judged."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the cleaned text; ``ValidationError`` if it is blank or too long."""
        return super().run_validation(clean(data) if isinstance(data, str) else data)


class LineField(serializers.CharField):
    """One line of text, cleaned before its length is judged."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the cleaned line; ``ValidationError`` if it is blank or too long."""
        return super().run_validation(clean_line(data) if isinstance(data, str) else data)


class IdTextField(serializers.CharField):
    """The id of something, written as text as everywhere in the API."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the id; ``ValidationError`` for what is none, numbers past 63 bits included."""
        text = super().to_internal_value(data)
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= MAX_ID:
            raise serializers.ValidationError("This is not an id.", "invalid_id")
        return int(text)
