"""When a digest is due: at an hour of a person's own clock, once a day, through changes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def zones() -> list[str]:
    """Return the names of all time zones that this machine knows, in their order."""
    return sorted(available_timezones())


def next_due(hour: int, zone: str, now: datetime, last_day: date | None) -> datetime:
    """Return when a digest is due next: the first ``hour`` o'clock after ``now`` (UTC).

    In the time zone ``zone``, on a later day there than ``last_day``, that of the last digest. An
    hour that a change of the clocks leaves out is the one after it; of one that comes twice it is
    the first. Raises ``ZoneInfoNotFoundError`` for a zone that this machine does not know.
    """
    there = ZoneInfo(zone)
    day = now.astimezone(there).date()
    if last_day is not None and day <= last_day:
        day = last_day + timedelta(days=1)
    if (due := _at(day, hour, there)) <= now:
        due = _at(day + timedelta(days=1), hour, there)
    return due


def day_of(moment: datetime, zone: str) -> date:
    """Return the day that it is in the time zone ``zone`` at a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _at(day: date, hour: int, there: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), there).astimezone(UTC)
