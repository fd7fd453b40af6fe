"""Verbs of moderators: decide a case, take a decision back, judge an appeal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import restore as restore_account
from social.moderation import effects, log, mails, reports
from social.moderation.models import Decision, ModerationCase, Verb
from social.notifications import telling


class CannotDecide(ValueError):
    """A moderator cannot decide this; the message says why."""


@transaction.atomic
def decide(
    *,
    case: ModerationCase,
    moderator: User,
    verb: str,
    reason: str,
    ends_at: datetime | None = None,
) -> Decision:
    """Decide an open case: do it, log it, tell the person, close the case. One transaction.

    ``ends_at`` is when a suspension ends by itself. Raises ``CannotDecide`` for a case that was
    decided meanwhile, that is one's own, or about staff unless the moderator is a superuser;
    ``ValidationError`` for a verb that does not fit the thing, without a reason, or an end that
    has passed; ``StorageUnavailable`` if pictures stay at their addresses.
    """
    held = ModerationCase.objects.select_for_update().get(pk=case.pk)
    if held.state != ModerationCase.State.OPEN:
        raise CannotDecide("This case has been decided.")
    person = User.objects.filter(pk=held.person_id).first()
    _require_allowed(held, moderator, person, verb)
    if verb not in effects.VERBS[held.kind]:
        raise ValidationError({"verb": "This cannot be done to what was reported."})
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the person reads it."})
    if ends_at is not None and (verb != Verb.SUSPEND or ends_at <= timezone.now()):
        raise ValidationError({"ends_at": "Only a suspension can end, at a time to come."})
    decision = Decision.objects.create(
        case=held,
        person=person,
        moderator_id=moderator.pk,
        moderator_name=moderator.username,
        verb=verb,
        reason=reason,
        ends_at=ends_at,
    )
    effects.apply(decision)
    if decision.kept:
        decision.save(update_fields=["kept"])
    _set_state(held, ModerationCase.State.DECIDED)
    log.write(held, verb, by=moderator, words=reason)
    telling.tell_reporters(held.pk)
    if person is not None and verb != Verb.DISMISS:
        _tell(decision)
    return decision


@transaction.atomic
def undo(*, decision: Decision, moderator: User | None, act: str = "undone") -> bool:
    """Take a decision back, and what it did; tell whether it stood. ``None``: the site itself.

    Removed avatars stay removed.
    """
    held = Decision.objects.select_for_update().select_related("case").get(pk=decision.pk)
    if not held.stands:
        return False
    held.undone_at = timezone.now()
    held.save(update_fields=["undone_at"])
    effects.undo(held)
    log.write(held.case, act, by=moderator, words=str(held))
    return True


@transaction.atomic
def judge(*, decision: Decision, moderator: User, accepted: bool) -> None:
    """Accept an appeal, which takes the decision back, or reject it; the case is closed again.

    Raises ``CannotDecide`` without an open appeal, for one's own, and for who decided before,
    unless nobody else could.
    """
    held = Decision.objects.select_for_update().select_related("case").get(pk=decision.pk)
    if held.appeal != Decision.Appeal.OPEN:
        raise CannotDecide("There is no appeal to judge.")
    _require_allowed(held.case, moderator, held.person, held.verb)
    if held.moderator_id == moderator.pk and _others(moderator, held.person_id):
        raise CannotDecide("Another moderator judges the appeal against your decision.")
    held.appeal = Decision.Appeal.ACCEPTED if accepted else Decision.Appeal.REJECTED
    held.save(update_fields=["appeal"])
    if accepted:
        undo(decision=held, moderator=moderator)
    _set_state(held.case, ModerationCase.State.DECIDED)
    log.write(held.case, held.appeal, by=moderator, words=held.appeal_words)
    _tell(held)


@transaction.atomic
def suspend(*, user: User, moderator: User, reason: str) -> Decision:
    """Suspend a person without a report: a case of its own. Raises what ``decide`` raises."""
    case = reports.open_case(reports.thing_of(user))
    return decide(case=case, moderator=moderator, verb=Verb.SUSPEND, reason=reason)


@transaction.atomic
def restore(*, user: User, moderator: User) -> None:
    """Restore a person, whatever decisions to suspend them stand: all of these are taken back."""
    standing = Decision.objects.filter(person=user, verb=Verb.SUSPEND, undone_at=None)
    for decision in standing.order_by("pk"):
        undo(decision=decision, moderator=moderator)
    # Suspended by a command, or before there were decisions.
    restore_account(user=user)


def end_suspensions(of: User | None = None) -> int:
    """Restore people whose suspension has ended, or one of them; return how many decisions ended.

    Safe at any time. One query where there is none.
    """
    now = timezone.now()
    ended = Decision.objects.filter(verb=Verb.SUSPEND, undone_at=None, ends_at__lte=now)
    if of is not None:
        ended = ended.filter(person=of)
    return sum(undo(decision=one, moderator=None, act="ended") for one in ended.order_by("pk"))


def _tell(decision: Decision) -> None:
    """Tell the person, in their notifications and by mail. One statement."""
    telling.tell_decided(decision.pk)
    mails.tell_on_commit(decision)


def _require_allowed(case: ModerationCase, moderator: User, person: User | None, verb: str) -> None:
    if person is None and verb != Verb.DISMISS:
        raise CannotDecide("This account is gone: the case can only be dismissed.")
    if person is not None and person.pk == moderator.pk:
        raise CannotDecide(f"Somebody else decides about this {case.kind}: it is yours.")
    powerful = person is not None and (person.is_staff or person.is_superuser)
    if powerful and verb != Verb.DISMISS and not moderator.is_superuser:
        raise CannotDecide("Only superusers decide about staff.")


def _others(moderator: User, person_id: int | None) -> bool:
    """Tell whether somebody else may judge. At most two queries for each member of the staff."""
    staff = User.objects.filter(is_active=True, is_staff=True)
    others: Iterable[User] = staff.exclude(pk__in=[moderator.pk, person_id or 0])
    return any(one.has_perm("social.change_moderationcase") for one in others)


def _set_state(case: ModerationCase, state: str) -> None:
    case.state = state
    case.save(update_fields=["state"])
