"""Times as people read them in a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

# So many seconds, how many times as long at the most, and the words.
STEPS = (
    (1, 60, _("now")),
    (60, 60, _("%(number)s min")),
    (3600, 24, _("%(number)s h")),
    (86400, 7, _("%(number)s d")),
)


@register.filter
def ago(moment: datetime) -> str:
    """Return "now", "5 min", "3 h", "2 d", or the date of what is older than a week."""
    return ages([moment])[0]


def ages(moments: Iterable[datetime]) -> list[str]:
    """Return what ``ago`` says of each: clock and language are asked once for a whole list."""
    now, language = timezone.now(), get_language()
    return [_age(moment, now, language) for moment in moments]


def _age(moment: datetime, now: datetime, language: str | None) -> str:
    seconds = (now - moment).total_seconds()
    for place, (length, many, _words) in enumerate(STEPS):
        if seconds < length * many:
            return _short(language, place, int(seconds // length) if place else 0)
    return _day(language, moment.date(), this_year=moment.year == now.year)


# Both are kept for the language, which is the one that texts are in when they are called.
@lru_cache(maxsize=1024)
def _short(_language: str | None, place: int, number: int) -> str:
    return str(STEPS[place][2]) % {"number": number}


@lru_cache(maxsize=4096)
def _day(_language: str | None, day: date, *, this_year: bool) -> str:
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
