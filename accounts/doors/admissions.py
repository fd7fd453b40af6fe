"""Admissions: what stands between a sign-up and an account that is in, and who decides.

An account that waits is not active, so that the one visibility rule hides it and no session or
token is made for it. Whoever has its password is told where they stand; nobody else is.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import account_cache
from accounts.doors import mails
from accounts.models import Admission, User
from minigram_site.fields.snowflake import id_at

State = Admission.State
# Accounts that did not come in are deleted after that long, and their names are free again.
UNCONFIRMED_KEPT = timedelta(days=7)
REFUSED_KEPT = timedelta(days=30)
# By state: the code for programs, and the sentence for the person.
ANSWERS = {
    State.UNCONFIRMED: (
        "email_unconfirmed",
        _("Confirm your e-mail address first. We have sent you a link."),
    ),
    State.WAITING: (
        "approval_pending",
        _(
            "Your sign-up is waiting for the people who run this site. You’ll get an e-mail when "
            "they decide."
        ),
    ),
    State.REFUSED: (
        "sign_up_refused",
        _("The people who run this site have turned down your sign-up."),
    ),
}


class CannotDecide(ValueError):
    """The admission does not wait for a decision (any more); the message is for people."""


def admission_of(user: User) -> Admission | None:
    """Return the admission of somebody who is not in; ``None`` for everybody else.

    A suspended person is not one of them. One query, none for who is active.
    """
    if user.is_active:
        return None
    waiting = Admission.objects.exclude(state=State.ADMITTED).select_related("user")
    return waiting.filter(user=user).first()


def confirmed(user: User) -> None:
    """Let somebody whose address is confirmed go on: to the queue, or in. Two statements."""
    admission = Admission.objects.select_for_update().filter(user=user).first()
    if admission is None or admission.state != State.UNCONFIRMED:
        return
    if admission.needs_approval:
        admission.state = State.WAITING
        admission.save(update_fields=["state"])
    else:
        _let_in(admission)


@transaction.atomic
def approve(*, admission: Admission, by: User) -> None:
    """Let somebody in who waits, and tell them by mail. Five statements.

    Raises ``CannotDecide`` if they do not wait (any more).
    """
    held = _take(admission, (State.WAITING, State.REFUSED))
    held.decided_by, held.decided_at, held.reason = by, timezone.now(), ""
    held.save(update_fields=["decided_by", "decided_at", "reason"])
    _let_in(held)
    mails.tell_decision_on_commit(held)


@transaction.atomic
def refuse(*, admission: Admission, by: User, reason: str = "") -> None:
    """Refuse somebody who waits, and tell them by mail why. Two statements.

    Raises ``CannotDecide`` if they do not wait (any more).
    """
    held = _take(admission, (State.WAITING,))
    held.state, held.reason = State.REFUSED, reason
    held.decided_by, held.decided_at = by, timezone.now()
    held.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    mails.tell_decision_on_commit(held)


def stale() -> QuerySet[User]:
    """Return the accounts that have not come in for so long that they are to be deleted."""
    now = timezone.now()
    unconfirmed = Q(admission__state=State.UNCONFIRMED, pk__lt=id_at(now - UNCONFIRMED_KEPT))
    refused = Q(admission__state=State.REFUSED, admission__decided_at__lt=now - REFUSED_KEPT)
    return User.objects.filter(unconfirmed | refused, is_active=False)


def _take(admission: Admission, states: tuple[str, ...]) -> Admission:
    held = Admission.objects.select_for_update().filter(pk=admission.pk, state__in=states).first()
    if held is None:
        raise CannotDecide(
            gettext("This has already been decided, or the address isn’t confirmed yet.")
        )
    return held


def _let_in(admission: Admission) -> None:
    admission.state = State.ADMITTED
    admission.save(update_fields=["state"])
    User.objects.filter(pk=admission.pk).update(is_active=True)
    account_cache.invalidate_account(admission.pk)


def problem_of(user: User) -> tuple[str, str] | None:
    """Return code and sentence for somebody who has the password of ``user`` and is not in.

    ``None`` for who is in, and for the suspended. One query.
    """
    admission = admission_of(user)
    if admission is None:
        return None
    code, sentence = ANSWERS[State(admission.state)]
    if not admission.reason:
        return code, str(sentence)
    return code, gettext("%(sentence)s They say: %(reason)s") % {
        "sentence": sentence,
        "reason": admission.reason,
    }
