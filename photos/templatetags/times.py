"""Times as people read them in a list."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

STEPS = (
    (60, 60, _("%(number)s min")),
    (3600, 24, _("%(number)s h")),
    (86400, 7, _("%(number)s d")),
)


@register.filter
def ago(moment: datetime) -> str:
    """Return "now", "5 min", "3 h", "2 d", or the date of what is older than a week."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return gettext("now")
    for length, many, words in STEPS:
        if seconds < length * many:
            return str(words) % {"number": int(seconds // length)}
    return _day(get_language(), moment.date(), this_year=moment.year == timezone.now().year)


@lru_cache(maxsize=4096)
def _day(language: str | None, day: date, *, this_year: bool) -> str:
    return date_format(day, gettext("j M") if this_year else gettext("j M Y"))


@register.filter
def in_words(moment: str) -> str:
    """Return a moment in ISO 8601 as people write it, on the clock that the camera showed.

    Whatever is no such moment is returned as it is.
    """
    try:
        return date_format(
            datetime.fromisoformat(moment).replace(tzinfo=None), gettext("j F Y, H:i")
        )
    except ValueError:
        return moment
