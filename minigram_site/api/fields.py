"""Serializer fields that follow the site's rules for text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from minigram_site.text import clean, clean_line


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
