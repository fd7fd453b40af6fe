"""Serializer fields that follow the site's rules for text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from minigram_site.fields.snowflake import parse_id
from minigram_site.fields.text import clean, clean_line


class EmptyIsGiven(serializers.Field[Any, Any, Any, Any]):
    """For optional texts that must not be empty: in a form an empty one is refused as in JSON.

    Django REST framework takes it for a field that was left out.
    """

    def get_value(self, dictionary: Any) -> Any:
        """Return what was sent under the field's name, or ``empty``."""
        value = super().get_value(dictionary)
        return "" if value is empty and self.field_name in dictionary else value


class KnownFieldsOnly(serializers.Serializer[Any]):
    """A serializer that refuses what it has no field for, instead of leaving it out silently."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ``ValidationError`` at each name that is not known."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            sentence = "This cannot be changed here."
            fault = serializers.ErrorDetail(sentence, "unknown_field")
            raise serializers.ValidationError({clean(str(name)): [fault] for name in unknown})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text of several lines, cleaned (``minigram_site.fields.text``) before it is validated."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the cleaned text. Raises ``ValidationError`` if it is blank or too long."""
        return super().run_validation(clean(data) if isinstance(data, str) else data)


class LineField(serializers.CharField):
    """One line of text, cleaned (``minigram_site.fields.text``) before it is validated."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the cleaned line. Raises ``ValidationError`` if it is blank or too long."""
        return super().run_validation(clean_line(data) if isinstance(data, str) else data)


class IdTextField(serializers.CharField):
    """An id, in JSON a decimal text."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the id. Raises ``ValidationError`` for anything but 1 to 2**63 - 1."""
        identifier = parse_id(super().to_internal_value(data))
        if identifier is None:
            raise serializers.ValidationError("This is not an id.", "invalid_id")
        return identifier
