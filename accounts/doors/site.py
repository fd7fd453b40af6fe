"""The site's settings as every process sees them, and how a change reaches all of them.

Each process keeps a copy of the row for ``KEPT_SECONDS`` after it began to read it, as it does with
the state of the cache (``minigram_site.cache.lease``). So whoever changes the row and then waits
for ``KEPT_SECONDS`` knows that no process acts on the former one any more, however many instances
there are and whether there is a Redis or not.
"""

from __future__ import annotations

from functools import lru_cache, partial
from time import monotonic, sleep
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction

from accounts.models import NewPeople, SignUp, SiteSettings
from minigram_site.db import on_primary
from minigram_site.storage import public_links

KEPT_SECONDS = 2.0


class _Copy(NamedTuple):
    """The row, ``None`` while there is none, and when this process began to read it."""

    row: SiteSettings | None
    # ``time.monotonic``
    taken_at: float


_copy: _Copy | None = None


def site_settings() -> SiteSettings:
    """Return the settings of the site, at most ``KEPT_SECONDS`` old, not to be changed.

    One query every two seconds in a process, none in between.
    """
    copy = _copy
    if copy is None or monotonic() > copy.taken_at + KEPT_SECONDS:
        return read()
    return copy.row or _first(is_open=settings.REGISTRATION_OPEN)


def read() -> SiteSettings:
    """Return the settings as they are now, and keep them.

    One query on the primary, or while that is down on the replica that has most of what it had.
    """
    taken_at = monotonic()
    with on_primary():
        row = SiteSettings.objects.filter(pk=1).first()
    keep(row, taken_at)
    return row or _first(is_open=settings.REGISTRATION_OPEN)


def last_known() -> SiteSettings:
    """Return the settings for what a page shows at its edges: a database that fails is no reason.

    Whether something may be done or seen is asked of ``site_settings``. One query at the most.
    """
    try:
        return site_settings()
    except (DatabaseError, InterfaceError):
        # The page itself says so if it needed the database.
        copy = _copy
        return (copy and copy.row) or _first(is_open=settings.REGISTRATION_OPEN)


@lru_cache(maxsize=2)
def _first(*, is_open: bool) -> SiteSettings:
    """Return what rules until somebody saves the settings: sign-up as ``REGISTRATION_OPEN`` says.

    Once there is a row that variable has no say.
    """
    return SiteSettings(sign_up=SignUp.OPEN if is_open else SignUp.CLOSED)


def keep(row: SiteSettings | None, taken_at: float) -> None:
    """Keep what this process began to read at ``taken_at`` (``time.monotonic``)."""
    global _copy  # noqa: PLW0603 - the copy of this process
    _copy = _Copy(row, taken_at)


def forget() -> None:
    """Have the next reader of this process ask the database. No query."""
    global _copy  # noqa: PLW0603 - the copy of this process
    _copy = None


@transaction.atomic
def change(row: SiteSettings) -> None:
    """Save the settings; once that is committed, wait until every process goes by them.

    For members only, all public pictures leave their addresses before the commit, and none can be
    linked until the site is open again. Waits for ``KEPT_SECONDS`` where a door is another one.
    Raises ``StorageUnavailable`` if the pictures stay: then nothing is changed.
    """
    before = read()
    is_there = bool(SiteSettings.objects.select_for_update().filter(pk=1))
    row.pk = 1
    row.save(force_insert=not is_there, force_update=is_there)
    if row.members_only:
        public_links.close()
    forget()
    waits = row.members_only > before.members_only or row.sign_up != before.sign_up
    transaction.on_commit(partial(_in_force, waits=waits))


def _in_force(*, waits: bool) -> None:
    """Make a change known that is committed, and return when it is in force."""
    _reopen()
    forget()
    if waits:
        sleep(KEPT_SECONDS)


@transaction.atomic
def _reopen() -> None:
    """Let pictures be linked, unless the site is closed: who closes it holds the row."""
    if SiteSettings.objects.select_for_update().filter(pk=1, members_only=False):
        public_links.reopen()


def takes_sign_ups() -> bool:
    """Return whether somebody without an invitation may sign up, or ask to. No query of its own.

    That is for showing the way; who signs up is asked by ``accounts.doors.signing_up``.
    """
    site = last_known()
    if site.is_provider_only and site.provider_new_people != NewPeople.DOORS:
        return site.provider_new_people == NewPeople.ALL
    return site.sign_up in {SignUp.OPEN, SignUp.APPROVAL}
