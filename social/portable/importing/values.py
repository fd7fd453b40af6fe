"""Values of data that strangers have made: of the kind that is expected, or empty."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

# Seconds since 1970 up to 2100; larger numbers are milliseconds, or nonsense.
_LATEST = 4_102_444_800
_BREAKS = re.compile(r"<br\s*/?>|</p>\s*<p[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,5000}>")


def rows(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list; nothing of anything else."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def text(value: Any) -> str:
    """Return a string; empty for anything else."""
    return value if isinstance(value, str) else ""


def seconds(value: Any) -> datetime | None:
    """Return the time of a number of seconds since 1970, as text or not; ``None`` if none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not -_LATEST < number < _LATEST or number == 0:
        return None
    return datetime.fromtimestamp(number, tz=UTC)


def iso(value: Any) -> datetime | None:
    """Return a time in ISO 8601, in UTC where it does not say in which zone; ``None`` if none."""
    try:
        found = parse_datetime(text(value).strip())
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def plain(value: Any) -> str:
    """Return the words of a text in HTML, paragraphs as lines."""
    lines = _BREAKS.sub("\n", text(value))
    return html.unescape(_MARKUP.sub("", lines)).strip()
