"""The dashboard of the admin: what happened on each of the last days, as bars in SVG.

The ids of rows are their times, so that a day is a range of the primary key.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import BigIntegerField, Count, F, IntegerField, Sum
from django.db.models.functions import Cast, Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import TIME_SHIFT, id_at
from photos.models import Media, Photo
from social.moderation.models import Decision, FailureCount, ModerationCase, Report

DAYS = 30
_DAY_MS = 86_400_000
# Of the files of photos, as they were stored. PostgreSQL adds up large integers as decimals.
BYTES = Cast(Sum(F("size") + F("more_size")), BigIntegerField())
STORED = "Pictures that were stored, as far as their photos are kept"
UNMADE = "Uploads that failed, as far as they are kept"
# Of the drawing, in units of its own.
HEIGHT, STEP, BAR = 100, 12, 9


class Bar(NamedTuple):
    """One day of a plot."""

    x: int
    y: float
    height: float
    words: str


class Plot(NamedTuple):
    """How much happened on each day, oldest first; the numbers as they are said."""

    title: str
    total: str
    most: str
    bars: list[Bar]

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return STEP * DAYS


def dashboard() -> dict[str, Any]:
    """Return the variables of the page.

    Eight queries of the rows of ``DAYS`` days each, and two that count all cases that wait and
    add up all photos.
    """
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start -= timedelta(days=DAYS - 1)
    failed = Media.objects.filter(state=Media.State.FAILED)
    waiting = ModerationCase.objects.filter(state__in=("open", "appealed"))
    return {
        "plots": [
            plot("Sign-ups", per_day(User.objects.all(), start), start),
            plot("Photos", per_day(Photo.objects.all(), start), start),
            plot(STORED, per_day(Photo.objects.all(), start, BYTES), start, filesizeformat),
            plot(UNMADE, per_day(failed, start), start),
            plot("Reports", per_day(Report.objects.all(), start), start),
            plot("Decisions", per_day(Decision.objects.all(), start), start),
            *(plot(str(kind.label), failures_of(kind, start), start) for kind in FailureCount.Kind),
        ],
        "waiting": waiting.count(),
        **Photo.objects.aggregate(photos=Count("pk"), stored=Coalesce(BYTES, 0)),
        "disk": disk(),
    }


def per_day(
    rows: models.QuerySet[Any], start: datetime, amount: models.Expression | None = None
) -> dict[int, int]:
    """Return how many of ``rows`` were made on each day, numbered from ``start``, a midnight.

    Or the sum of something of theirs. Days with none are left out. One query.
    """
    first = id_at(start)
    day = Cast(
        (F("pk").bitrightshift(TIME_SHIFT) - (first >> TIME_SHIFT)) / _DAY_MS, IntegerField()
    )
    days = rows.filter(pk__gte=first).order_by().annotate(day=day).values("day")
    return dict(days.annotate(amount=amount or Count("pk")).values_list("day", "amount"))


def failures_of(kind: FailureCount.Kind, start: datetime) -> dict[int, int]:
    """Return how many times something failed on each day, as ``per_day`` does. One query."""
    rows = FailureCount.objects.filter(kind=kind, day__gte=start.date())
    return {(day - start.date()).days: number for day, number in rows.values_list("day", "number")}


def plot(
    title: str, found: dict[int, int], start: datetime, said: Callable[[int], str] = str
) -> Plot:
    """Return the bars of what was found on each day; ``said`` puts a number into words."""
    most = max(found.values(), default=0)
    bars = []
    for number in range(DAYS):
        count = found.get(number, 0)
        height = round(HEIGHT * count / most, 1) if most else 0.0
        words = f"{start + timedelta(days=number):%-d %B}: {said(count)}"
        bars.append(Bar(number * STEP, round(HEIGHT - height, 1), height, words))
    return Plot(title, said(sum(found.values())), said(most), bars)


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
