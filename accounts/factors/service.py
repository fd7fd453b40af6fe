"""Second factors of a person: which there are, proving one, and taking them away.

Whoever has one is asked for it at every log-in, by pages, API and admin alike. Recovery codes come
with the first and go with the last.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from accounts.authentication import attempts
from accounts.doors.confirmations import address_of
from accounts.doors.site import site_settings
from accounts.factors import mails, passkeys, recovery, totp
from accounts.models import EmailCheck, Passkey, RecoveryCode, Totp, User
from minigram_site.db import on_primary
from minigram_site.web.errors import TooManyRequests

# How somebody proved who they are, beside the password. Kept with the log-in.
APP, PASSKEY, RECOVERY, PROVIDER = "totp", "passkey", "recovery", "provider"


class Factors(NamedTuple):
    """The second factors that somebody has."""

    has_app: bool
    passkeys: list[Passkey]
    codes_left: int

    @property
    def is_on(self) -> bool:
        """Whether a second factor is asked for at the log-in."""
        return self.has_app or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    """Return the second factors of a person. Three queries."""
    has_app = Totp.objects.filter(user=user).exclude(secret="").exists()
    return Factors(has_app, passkeys.of(user), recovery.left(user))


def is_on(user: User) -> bool:
    """Return whether a second factor is asked for when ``user`` logs in. Up to two queries.

    On the primary: a replica that is behind would let somebody in without one.
    """
    with on_primary():
        has_app = Totp.objects.filter(user=user).exclude(secret="").exists()
        return has_app or Passkey.objects.filter(user=user).exists()


def is_required(user: User) -> bool:
    """Return whether the site asks ``user`` for a second factor: of its staff, if set. No query.

    One every two seconds in a process, for the settings.
    """
    return user.is_staff and site_settings().staff_second_factor


def refuse_unconfirmed(user: User) -> None:
    """Raise ``ValidationError`` if ``user`` has to confirm their address before a second factor.

    Otherwise a stranger could sign up with it and shut its owner out for good. One query, none
    where addresses are not confirmed.
    """
    if site_settings().email_check != EmailCheck.NONE and not address_of(user).is_confirmed:
        raise ValidationError(gettext("Confirm your e-mail address first."), "unconfirmed")


def take_guess(user: User, text: str) -> None:
    """Count a try of a code of the app; raises ``TooManyRequests`` beyond the limit.

    The limit is one for all addresses: who tries has the password. The owner is told by mail, and
    can use a passkey or a recovery code, which nobody can guess. Outside of the transaction of
    the log-in, so that it stays counted. Up to four statements.
    """
    if not totp.code_in(text):
        return
    try:
        attempts.take("factor", str(user.pk))
    except TooManyRequests:
        if attempts.is_first("factor-mail", str(user.pk)):
            mails.tell(user, mails.GUESSES)
        raise


@transaction.atomic
def prove(user: User, text: str) -> str:
    """Return which factor a code proves: ``APP``, ``RECOVERY``, or nothing. Up to three statements.

    The code is used up if the transaction of the caller, which is the log-in's, happens.
    ``take_guess`` comes before.
    """
    if code := totp.code_in(text):
        if not totp.accept(user, code):
            return ""
        attempts.forget("factor", str(user.pk))
        return APP
    if not recovery.use(user, text):
        return ""
    mails.tell_on_commit(user, mails.RECOVERY_USED)
    return RECOVERY


@transaction.atomic
def confirm_app(user: User, code: str) -> list[str] | None:
    """Turn the app on that is being set up; return new recovery codes if it is the first factor.

    ``None`` for a wrong code. Up to eight statements.
    """
    if not totp.confirm(user, code):
        return None
    mails.tell_on_commit(user, mails.APP_ON)
    return _first_codes(user)


@transaction.atomic
def add_passkey(user: User, *, state: str, answer: object, name: str) -> tuple[Passkey, list[str]]:
    """Keep a passkey; return it, with new recovery codes if it is the first factor.

    Raises ``RefusedPasskey``. Up to eight statements.
    """
    made = passkeys.add(user=user, state=state, answer=answer, name=name)
    mails.tell_on_commit(user, mails.PASSKEY_ADDED)
    return made, _first_codes(user)


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Return new recovery codes, to be shown once. Raises ``ValidationError`` without a factor.

    Up to four statements.
    """
    if not is_on(user):
        raise ValidationError(gettext("Set up an app or a passkey first."), "no_factor")
    mails.tell_on_commit(user, mails.NEW_CODES)
    return recovery.renew(user)


@transaction.atomic
def turn_app_off(user: User) -> None:
    """Forget the authenticator app. Raises ``ValidationError`` where a factor has to stay.

    Up to six statements.
    """
    _hold(user)
    _refuse_last(user, factors_of(user), removing=1)
    if Totp.objects.filter(user=user).delete()[0]:
        mails.tell_on_commit(user, mails.APP_OFF)
        _drop_codes_of_none(user)


@transaction.atomic
def remove_passkey(user: User, passkey_id: int) -> bool:
    """Forget a passkey; tell whether it was one of ``user``.

    Raises ``ValidationError`` where a factor has to stay. Up to six statements.
    """
    _hold(user)
    rows = Passkey.objects.filter(user=user, pk=passkey_id)
    if not rows.exists():
        return False
    _refuse_last(user, factors_of(user), removing=1)
    rows.delete()
    mails.tell_on_commit(user, mails.PASSKEY_REMOVED)
    _drop_codes_of_none(user)
    return True


@transaction.atomic
def remove_all(user: User) -> bool:
    """Take all factors from somebody who has lost them; tell whether there were any.

    For those who run the site: the password alone logs in from then on. Up to six statements.
    """
    _hold(user)
    had = is_on(user)
    for rows in (Totp.objects, Passkey.objects, RecoveryCode.objects):
        rows.filter(user=user).delete()
    if had:
        mails.tell_on_commit(user, mails.REMOVED)
    return had


def _first_codes(user: User) -> list[str]:
    return [] if recovery.left(user) else recovery.renew(user)


def _drop_codes_of_none(user: User) -> None:
    if not is_on(user):
        RecoveryCode.objects.filter(user=user).delete()


def _refuse_last(user: User, held: Factors, *, removing: int) -> None:
    there = held.has_app + len(held.passkeys)
    if is_required(user) and there <= removing:
        sentence = gettext("You help to run this site, so you need a second step. Add another one.")
        raise ValidationError(sentence, "factor_required")


def _hold(user: User) -> None:
    """Let nobody else change the factors of a person until the transaction ends."""
    list(User.objects.select_for_update().filter(pk=user.pk).values_list("pk"))
