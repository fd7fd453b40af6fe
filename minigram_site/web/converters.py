"""Path converters: what cannot be an id does not match, and is a plain 404."""

from __future__ import annotations

from django.urls import register_converter

from minigram_site.fields.snowflake import MAX_ID, decode, encode


class CodeConverter:
    """A base-58 code in the path, an id in the view."""

    regex = "[1-9A-HJ-NP-Za-km-z]{1,11}"

    def to_python(self, value: str) -> int:
        """Return the id; ``ValueError`` (no match) past 63 bits."""
        return decode(value)

    def to_url(self, value: int) -> str:
        """Return the code of an id."""
        return encode(value)


class IdConverter:
    """A decimal id in the path of an API address."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Return the id; ``ValueError`` (no match) past 63 bits."""
        if int(value) > MAX_ID:
            raise ValueError("past 63 bits")
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the id in decimal."""
        return str(value)


class UsernameConverter:
    """A username in the path, in whichever case people write it."""

    regex = "[A-Za-z0-9_.]{1,30}"

    def to_python(self, value: str) -> str:
        """Return the name in lower case, as it is kept."""
        return value.lower()

    def to_url(self, value: str) -> str:
        """Return the name."""
        return value


def register() -> None:
    """Make the converters known as ``code``, ``id`` and ``username``."""
    register_converter(CodeConverter, "code")
    register_converter(IdConverter, "id")
    register_converter(UsernameConverter, "username")
