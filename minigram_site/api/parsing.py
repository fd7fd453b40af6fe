"""Parses JSON bodies, and refuses what the parser takes and the code cannot use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# No call takes a value in more lists and objects than three. Whatever reads a value that is nested
# some hundred times deep (``str``, serializers) may run out of the interpreter's stack.
MAX_DEPTH = 16


class ShallowJSONParser(JSONParser):
    """DRF's parser of JSON, for values that are not nested endlessly."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value in the body. Raises ``ParseError`` if it is no JSON, or too deep."""
        try:
            value = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError from None
        if _is_deeper(value, MAX_DEPTH):
            raise ParseError
        return value


def _is_deeper(value: Any, depth: int) -> bool:
    """Return whether lists and objects are nested more than ``depth`` times in ``value``."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not depth or any(_is_deeper(one, depth - 1) for one in inner)
