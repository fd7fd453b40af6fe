"""The dashboard of the admin: what happened on each of the last days, as bars in SVG.

The ids of rows are their times, so that a day is a range of the primary key.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Count, F, IntegerField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import TIME_SHIFT, id_at
from photos.models import Media, Photo
from social.moderation.models import Decision, ModerationCase, Report

DAYS = 30
_DAY_MS = 86_400_000
# Of the drawing, in units of its own.
HEIGHT, STEP, BAR = 100, 12, 9


class Bar(NamedTuple):
    """One day of a plot."""

    x: int
    y: float
    height: float
    words: str


class Plot(NamedTuple):
    """How much happened on each day, oldest first."""

    title: str
    total: int
    most: int
    bars: list[Bar]

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return STEP * DAYS


def dashboard() -> dict[str, Any]:
    """Return the variables of the page. Seven queries, of the rows of ``DAYS`` days each."""
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start -= timedelta(days=DAYS - 1)
    failed = Media.objects.filter(state=Media.State.FAILED)
    counted: list[tuple[str, models.QuerySet[Any]]] = [
        ("Sign-ups", User.objects.all()),
        ("Photos", Photo.objects.all()),
        ("Uploads that failed, as far as they are kept", failed),
        ("Reports", Report.objects.all()),
        ("Decisions", Decision.objects.all()),
    ]
    waiting = ModerationCase.objects.filter(state__in=("open", "appealed"))
    return {
        "plots": [plot(title, rows, start) for title, rows in counted],
        "waiting": waiting.count(),
        "photos": Photo.objects.count(),
        "disk": disk(),
    }


def plot(title: str, rows: models.QuerySet[Any], start: datetime) -> Plot:
    """Return how many of ``rows`` were made on each day from ``start``, a midnight. One query."""
    first = id_at(start)
    day = Cast(
        (F("pk").bitrightshift(TIME_SHIFT) - (first >> TIME_SHIFT)) / _DAY_MS, IntegerField()
    )
    days = rows.filter(pk__gte=first).order_by().annotate(day=day).values("day")
    found = dict(days.annotate(rows=Count("pk")).values_list("day", "rows"))
    most = max(found.values(), default=0)
    bars = []
    for number in range(DAYS):
        count = found.get(number, 0)
        height = round(HEIGHT * count / most, 1) if most else 0.0
        words = f"{start + timedelta(days=number):%-d %B}: {count}"
        bars.append(Bar(number * STEP, round(HEIGHT - height, 1), height, words))
    return Plot(title, sum(found.values()), most, bars)


def disk() -> dict[str, float] | None:
    """Return the gigabytes of the disk that holds the pictures; ``None`` for a bucket."""
    if not getattr(default_storage, "folder", None):
        return None
    try:
        usage = shutil.disk_usage(settings.MEDIA_ROOT)
    except FileNotFoundError:
        # Nothing was uploaded yet.
        return None
    return {"used": usage.used / 1e9, "free": usage.free / 1e9}
