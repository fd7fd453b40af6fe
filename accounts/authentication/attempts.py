"""Limits that have to hold exactly: on guesses of a password, sign-ups and mails.

They are counted in the database, by conditional updates, so that threads and instances together
let no more through than one alone. The windows begin with the first attempt. Whom a request comes
from is ``minigram_site.web.throttling.client_address``; the limits are ``settings.THROTTLE_RATES``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.doors.site import site_settings
from accounts.models import Attempts
from minigram_site.web.errors import TooManyRequests
from minigram_site.web.throttling import client_address


def take(scope: str, *who: str, at_most: int | None = None) -> None:
    """Count an attempt of ``who``; raises ``TooManyRequests`` beyond the limit of ``scope``.

    ``at_most`` is another number than the limit's own. One statement, three more where it is the
    first of its window; refused attempts write nothing and do not make the window longer.
    """
    if not settings.RATE_LIMITS:
        return
    limit, seconds = settings.THROTTLE_RATES[scope]
    limit = limit if at_most is None else at_most
    rows = _rows(scope, who)
    while not _count(rows, limit, seconds):
        now = timezone.now()
        window = rows.first()
        if window is None:
            row = Attempts(key=_key(scope, who), ends_at=_BEFORE_ALL_WINDOWS)
            Attempts.objects.bulk_create([row], ignore_conflicts=True)
        elif window.tried >= limit and window.ends_at > now:
            raise TooManyRequests((window.ends_at - now).total_seconds())


def take_sign_up(request: HttpRequest) -> None:
    """Count a sign-up from this address; raises ``TooManyRequests`` beyond the limits.

    A class or a club signs up within minutes behind one address: that is a burst, which the limit
    of a day does not let anybody repeat each hour. Who runs the site may set another number in
    the admin. Two statements, six more for the first.
    """
    hourly = site_settings().sign_ups_an_hour
    take("register", client_address(request), at_most=hourly)
    take("register-day", client_address(request), at_most=hourly and 2 * hourly)


def take_guess(name: str, request: HttpRequest) -> None:
    """Count a guess of the password of ``name``; raises ``TooManyRequests`` beyond the limit.

    Guesses are counted by name and address together, so that nobody can lock somebody else out.
    Where very many have failed from anywhere ("login-name"), each address has one guess a window
    instead of ten: who knows the password gets in with it from any address that was not used to
    guess. Two statements, three more for the first guess of a window.
    """
    if not settings.RATE_LIMITS:
        return
    limit, _ = settings.THROTTLE_RATES["login-name"]
    failed = _rows("login-name", (name,)).filter(ends_at__gt=timezone.now(), tried__gte=limit)
    take("login", name, client_address(request), at_most=1 if failed.exists() else None)


def note_result(name: str, request: HttpRequest, *, right: bool) -> None:
    """Remember whether a guess was right: right ones start their window anew. One statement."""
    if not settings.RATE_LIMITS:
        return
    if right:
        _rows("login", (name, client_address(request))).delete()
    else:
        take("login-name", name, at_most=_UNLIMITED)


def forget(scope: str, *who: str) -> None:
    """Start the window of ``who`` anew: they have shown who they are. One statement."""
    if settings.RATE_LIMITS:
        _rows(scope, who).delete()


def is_first(scope: str, *who: str) -> bool:
    """Count an attempt of ``who``; tell whether it is within the limit. Up to four statements."""
    try:
        take(scope, *who)
    except TooManyRequests:
        return False
    return True


# More than can be tried in a window: such attempts are counted only.
_UNLIMITED = 2**31 - 1
# The end of a window that nobody has begun: whoever counts first begins it, by any clock.
_BEFORE_ALL_WINDOWS = datetime(1970, 1, 1, tzinfo=UTC)


def _count(rows: QuerySet[Attempts], limit: int, seconds: int) -> bool:
    """Count one attempt, in a new window if the last has ended; tell whether there was room."""
    now = timezone.now()
    ended = Q(ends_at__lte=now)
    end = now + timedelta(seconds=seconds)
    counted = rows.filter(ended | Q(tried__lt=limit)).update(
        tried=Case(When(ended, then=1), default=F("tried") + 1),
        ends_at=Case(When(ended, then=end), default=F("ends_at")),
    )
    return bool(counted)


def _rows(scope: str, who: tuple[str, ...]) -> QuerySet[Attempts]:
    return Attempts.objects.filter(key=_key(scope, who))


def _key(scope: str, who: tuple[str, ...]) -> str:
    text = "\0".join((scope, *who))
    return salted_hmac("accounts.attempts", text, algorithm="sha256").hexdigest()
