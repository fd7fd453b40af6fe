"""Times as people read them in a list."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

register = template.Library()

STEPS = ((60, 60, "min"), (3600, 24, "h"), (86400, 7, "d"))


@register.filter
def ago(moment: datetime) -> str:
    """Return "now", "5 min", "3 h", "2 d", or the date of what is older than a week."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return "now"
    for length, many, unit in STEPS:
        if seconds < length * many:
            return f"{int(seconds // length)} {unit}"
    return _day(get_language(), moment.date(), this_year=moment.year == timezone.now().year)


@lru_cache(maxsize=4096)
def _day(language: str | None, day: date, *, this_year: bool) -> str:
    return date_format(day, "j M" if this_year else "j M Y")


@register.filter
def in_words(moment: str) -> str:
    """Return a moment in ISO 8601 as people write it, on the clock that the camera showed.

    Whatever is no such moment is returned as it is.
    """
    try:
        return date_format(datetime.fromisoformat(moment).replace(tzinfo=None), "j F Y, H:i")
    except ValueError:
        return moment
