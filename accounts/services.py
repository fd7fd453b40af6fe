"""Verbs on accounts: register, change a password, hide and show, suspend, restore.

Verbs that change photos or feeds too (privacy, deletion, avatars) are in ``social``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Q
from django.utils import timezone

from accounts import account_cache
from accounts.departures.mails import tell_leaving_on_commit
from accounts.doors.site import site_settings
from accounts.models import (
    Admission,
    ApiSession,
    Departure,
    Follow,
    FormerName,
    Invitation,
    LogIn,
    User,
    UserStats,
)
from minigram_site.storage import public_links

# Takes the id of a person and 1 or -1: counts that person in, or out, wherever they are counted.
CountPerson = Callable[[int, int], None]
_count_elsewhere: list[CountPerson] = []
# Counter rows that are locked and changed by one statement.
BATCH = 500


def count_too(count_person: CountPerson) -> None:
    """Call a function of another app whenever a person is suspended (-1) or restored (1).

    It runs in the transaction of that, in which the person's row and the counter rows of their
    follows are locked.
    """
    _count_elsewhere.append(count_person)


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Have pages and mails written to somebody in a language; empty: as their browser asks.

    One statement.
    """
    user.language = language
    user.save(update_fields=["language"])
    account_cache.invalidate_account(user.pk)


def register(
    *, username: str, email: str, password: str | None, is_active: bool = True, language: str = ""
) -> User:
    """Make an account and return it. Raises ``ValidationError`` by field for what is taken.

    The values have been validated; the database decides between two requests at once. Without a
    password nobody logs in with one. A name that
    somebody else had lately is taken as well. By which door people come is asked by
    ``accounts.doors.signing_up``.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username, email, password, is_active=is_active, language=language
            )
            # After the insert: whoever gives the name up in this moment is waited for by that.
            if FormerName.objects.filter(username=user.username, ends_at__gt=timezone.now()):
                raise ValidationError({"username": _unique("username")})
            return user
    except IntegrityError:
        if not (taken := _taken(username, email)):
            raise
        raise ValidationError(taken) from None


@transaction.atomic
def change_password(*, user: User, password: str | None) -> None:
    """Set a new password; every session and token made before stops working at once.

    With ``None`` the person cannot log in until a password is set for them.
    """
    user.set_password(password)
    user.auth_version += 1
    user.save(update_fields=["password", "auth_version"])
    _drop_sessions(user)
    account_cache.invalidate_account(user.pk)


def refuse_taken(*, email: str, user: User) -> None:
    """Raise ``ValidationError`` by field if somebody but ``user`` has this e-mail address."""
    if User.objects.filter(email=email.lower()).exclude(pk=user.pk).exists():
        raise ValidationError(_taken("", email))


def change_email(*, user: User, email: str) -> None:
    """Set another e-mail address; raises ``ValidationError`` by field if it is taken."""
    user.email = email.lower()
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
            account_cache.invalidate_account(user.pk)
    except IntegrityError:
        if not (taken := _taken("", email)):
            raise
        raise ValidationError(taken) from None


@transaction.atomic
def end_sessions(*, user: User) -> None:
    """Make every session and token of a person stop working at once."""
    User.objects.filter(pk=user.pk).update(auth_version=F("auth_version") + 1)
    _drop_sessions(user)
    user.refresh_from_db(fields=["auth_version"])
    account_cache.invalidate_account(user.pk)


@transaction.atomic
def hide(*, user: User) -> bool:
    """Make a person and their photos invisible and log them out everywhere.

    Returns whether they were visible before. All counts leave the person out from then on. Costs
    some statements for each 500 photos that they like or comment on, and for each 500 people whom
    they follow or who follow them.

    Raises ``StorageUnavailable`` if their pictures stay at their addresses.
    """
    connected = _take_connected(user)
    active = User.objects.filter(pk=user.pk, is_active=True)
    changed = active.update(is_active=False, auth_version=F("auth_version") + 1)
    _drop_sessions(user)
    user.refresh_from_db(fields=["is_active", "auth_version"])
    if changed:
        _count(user, connected, -1)
    public_links.withdraw_person(user.pk)
    account_cache.invalidate_numbers(connected)
    account_cache.invalidate_account(user.pk)
    return bool(changed)


@transaction.atomic
def show(*, user: User) -> None:
    """Make a hidden person visible and counted again, unless something else keeps them hidden.

    That is a departure, and who has not come in yet (``accounts.doors.admissions`` lets them in).
    Follows that others ended meanwhile stay ended. Costs as much as ``hide``.
    """
    connected = _take_connected(user)
    outside = Admission.objects.filter(user=user.pk).exclude(state=Admission.State.ADMITTED)
    leaving = Departure.objects.filter(user=user.pk)
    hidden = User.objects.filter(~Exists(outside), ~Exists(leaving), pk=user.pk, is_active=False)
    changed = hidden.update(is_active=True)
    user.refresh_from_db(fields=["is_active"])
    if changed:
        _count(user, connected, 1)
    account_cache.invalidate_numbers(connected)
    account_cache.invalidate_restored(user.pk)


@transaction.atomic
def suspend(*, user: User) -> None:
    """Hide a person until they are restored; whoever leaves can neither come back nor go.

    Their invitations are withdrawn. Costs as much as ``hide``, and two statements.

    Raises ``StorageUnavailable`` if their pictures stay at their addresses.
    """
    hide(user=user)
    # For good: who comes back makes new ones.
    Invitation.objects.filter(inviter=user, is_revoked=False).update(is_revoked=True)
    Departure.objects.filter(user=user).update(is_suspended=True)


@transaction.atomic
def restore(*, user: User) -> None:
    """End a suspension; the person is visible, counted, and may log in again.

    Of somebody who was leaving the days begin anew, as they could not change their mind meanwhile,
    and a mail tells them. Costs as much as ``show``, and a statement.
    """
    show(user=user)
    held = Departure.objects.filter(user=user, is_suspended=True)
    if held.update(is_suspended=False, leaves_at=leaving_at()):
        tell_leaving_on_commit(user)


def leaving_at() -> datetime:
    """Return when an account is deleted whose owner asks for it now. No query of its own."""
    return timezone.now() + timedelta(days=site_settings().deletion_days)


def lock_counters(*, user: User) -> None:
    """Wait for all verbs that hide or show a person, and let others wait, in a transaction.

    A statement, and one for each 500 people whom a follow connects to them.
    """
    _take_connected(user)


def _drop_sessions(user: User) -> None:
    """Delete the API sessions of a person; browsers' sessions are over as ``auth_version`` is."""
    ApiSession.objects.filter(user=user).delete()
    LogIn.objects.filter(user=user, session_key__isnull=False).update(session_key=None)


def _take_connected(user: User) -> list[int]:
    """Lock the counter rows of a person and of all whom a follow connects to them; return the ids.

    Smaller id first, as verbs between two people do, so that none waits for the other for ever.
    """
    links = Follow.objects.filter(Q(follower=user) | Q(followee=user))
    pairs = links.values_list("follower_id", "followee_id")
    people = sorted({user.pk, *chain.from_iterable(pairs)})
    for start in range(0, len(people), BATCH):
        rows = UserStats.objects.select_for_update().filter(pk__in=people[start : start + BATCH])
        list(rows.order_by("pk").values_list("pk"))
    return people


def _count(user: User, connected: list[int], change: int) -> None:
    """Count a person in (1) or out (-1) on all counters but their own."""
    followees = Follow.objects.filter(follower=user).values("followee")
    followers = Follow.objects.filter(followee=user).values("follower")
    for start in range(0, len(connected), BATCH):
        stats = UserStats.objects.filter(pk__in=connected[start : start + BATCH])
        stats.filter(pk__in=followers).update(following_count=F("following_count") + change)
        stats.filter(pk__in=followees).update(
            follower_count=F("follower_count") + change,
            suspended_follower_count=F("suspended_follower_count") - change,
        )
    for count_person in _count_elsewhere:
        count_person(user.pk, change)


def _taken(username: str, email: str) -> dict[str, list[ValidationError]]:
    """Return the unique fields, name or e-mail, that an insert collided with, as errors."""
    faults = {}
    for field, value in (("username", username), ("email", email)):
        if User.objects.filter(**{field: value.lower()}).exists():
            faults[field] = [_unique(field)]
    return faults


def _unique(field: str) -> ValidationError:
    return ValidationError(str(getattr(User, field).field.error_messages["unique"]), code="unique")
