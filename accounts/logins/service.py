"""Log-ins: the one place where a session begins, and the verbs that end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import account_cache
from accounts.api import tokens
from accounts.departures import leaving
from accounts.logins import devices, mails, ways
from accounts.logins.origins import origin_of
from accounts.models import ApiSession, LogIn, User
from accounts.sessions import LOG_IN_KEY, SessionStore
from minigram_site.api.errors import Problem
from minigram_site.fields.snowflake import id_at
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate

# The history of log-ins, beside those that go on.
KEPT_FOR = timedelta(days=180)
# In a session: which second factor was proved in it.
_FACTOR_KEY = "factor"
How = LogIn.How
STAYS = _("Welcome back! Your account won’t be deleted, and others see it again.")


def enter(
    request: HttpRequest,
    response: HttpResponseBase,
    user: User,
    *,
    how: LogIn.How,
    factor: str = "",
) -> None:
    """Log a browser in: the only way to a session. About seven statements.

    Whether a second factor has to be proved is asked before (``accounts.factors.half_done``). The
    owner gets a mail if this browser is new to the account. An account that was to be deleted is
    kept by it, and a message says so. Raises ``accounts.logins.ways.ClosedWay``.
    """
    ways.require_open(user, how)
    with transaction.atomic():
        if not user.is_active and leaving.come_back(user=user):
            messages.success(request, STAYS)
        # A session of before has another log-in.
        request.session.pop(LOG_IN_KEY, None)
        login(request, user)
        row = _record(request, user, how, factor, session_key=request.session.session_key)
        request.session[LOG_IN_KEY] = row.pk
        if factor:
            request.session[_FACTOR_KEY] = factor
        if how != How.SIGN_UP and not devices.knows(request, user):
            mails.tell_new_on_commit(row)
    devices.remember(request, response, user)


@transaction.atomic
def enter_app(request: Any, user: User, *, how: LogIn.How, factor: str = "") -> dict[str, Any]:
    """Log an app in; return ``{access, refresh}``. Up to four statements.

    The owner gets a mail unless an app of that name has logged in from that network before. An
    account that was to be deleted is kept by it: then there is ``deletion_cancelled`` as well.
    Raises ``Problem`` 403 (``provider_only``) where this is no way in.
    """
    try:
        ways.require_open(user, how)
    except ways.ClosedWay as error:
        raise Problem(403, error.code, str(error)) from None
    stays = not user.is_active and leaving.come_back(user=user)
    origin = origin_of(request)
    seen = LogIn.objects.filter(user=user, session_key=None, **origin._asdict())
    is_new = how != How.SIGN_UP and not seen.exists()
    row = _record(request, user, how, factor)
    if is_new:
        mails.tell_new_on_commit(row)
    pair = tokens.issue(user, row)
    return {**pair, "deletion_cancelled": True} if stays else {**pair}


def stay_in_app(user: User, log_in_id: int) -> dict[str, str]:
    """Return new tokens for an app, after a change that has ended all of them. Two statements.

    Its log-in goes on: whoever asks has proved who they are.
    """
    return tokens.issue(user, LogIn.objects.filter(pk=log_in_id, user=user).first())


def step_up(request: HttpRequest, factor: str) -> None:
    """Note in a session that goes on that a second factor was proved. No statement of its own."""
    request.session.cycle_key()
    request.session[_FACTOR_KEY] = factor


def has_stepped_up(request: HttpRequest) -> bool:
    """Return whether a second factor was proved in this browser's session. No query of its own."""
    return bool(request.session.get(_FACTOR_KEY))


def current_of(request: HttpRequest) -> int:
    """Return the id of the log-in that this browser's session began with; 0 for none. No query."""
    return int(request.session.get(LOG_IN_KEY) or 0)


def current_of_app(session_id: int) -> int:
    """Return the id of the log-in that an API session began with; 0 for none. One query."""
    row = ApiSession.objects.filter(pk=session_id).values_list("log_in").first()
    return (row and row[0]) or 0


def open_page(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[LogIn]:
    """Return a page of where somebody is logged in, newest first. One query."""
    rows = LogIn.objects.of(user).open().select_related("api_session")
    return paginate(rows, cursor, size, ("id",))


def history_page(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[LogIn]:
    """Return a page of the log-ins of a person, newest first. One query."""
    rows = LogIn.objects.of(user).select_related("api_session")
    return paginate(rows, cursor, size, ("id",))


def delete_old() -> int:
    """Delete log-ins of more than ``KEPT_FOR`` ago that have ended; return how many. Two queries.

    For the upkeep of each day.
    """
    old = LogIn.objects.filter(pk__lt=id_at(timezone.now() - KEPT_FOR)).with_state()
    return old.filter(Q(is_open=False)).delete()[0]


@transaction.atomic
def end(*, user: User, log_in_id: int) -> bool:
    """End what began with a log-in, at once and everywhere; tell whether it was one of ``user``.

    Up to six statements.
    """
    row = LogIn.objects.filter(pk=log_in_id, user=user).first()
    if row is None:
        return False
    _end(row)
    return True


@transaction.atomic
def end_others(*, user: User, but: int) -> int:
    """End all that somebody is logged in with but the log-in ``but``; return how many they were.

    Up to six statements for each.
    """
    rows = list(LogIn.objects.of(user).open().exclude(pk=but))
    for row in rows:
        _end(row)
    return len(rows)


def _end(row: LogIn) -> None:
    key, sessions = row.session_key, ApiSession.objects.filter(log_in=row.pk)
    ended = list(sessions.values_list("pk", flat=True))
    sessions.delete()
    if key:
        LogIn.objects.filter(pk=row.pk).update(session_key=None)
        SessionStore().delete(key)
    for session_id in ended:
        account_cache.invalidate_session(session_id)


def _record(
    request: Any, user: User, how: LogIn.How, factor: str, session_key: str | None = None
) -> LogIn:
    return LogIn.objects.create(
        user=user,
        how=how,
        factor=factor,
        session_key=session_key,
        **origin_of(request)._asdict(),
    )
