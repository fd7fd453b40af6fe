"""What people see of decisions about them, and how they appeal."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from accounts.authentication.suspensions import Suspension
from accounts.models import User
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from social.moderation import effects, log
from social.moderation.models import Decision, Kind, ModerationCase, Verb

_signer = Signer(salt="social.moderation.appeal")


class CannotAppeal(ValueError):
    """There is no appeal against this (any more); the message says why."""

    code = "appealed"


def decisions_about(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[Decision]:
    """Return a page of the decisions about ``user``, newest first. One query."""
    told = Decision.objects.filter(person=user).exclude(verb=Verb.DISMISS)
    return paginate(told.select_related("case"), cursor, size)


def decision_about(user: User, decision_id: int) -> Decision:
    """Return a decision about ``user``; ``Http404`` otherwise. One query."""
    told = Decision.objects.filter(person=user, pk=decision_id).exclude(verb=Verb.DISMISS)
    decision = told.select_related("case").first()
    if decision is None:
        raise Http404
    return decision


def token_of(decision: Decision) -> str:
    """Return the text with which a mail's link opens a decision without a log-in."""
    return _signer.sign(str(decision.pk))


def decision_of_token(token: str) -> Decision:
    """Return the decision of a mail's link; ``Http404`` for a forged one. One query.

    For people who are suspended and cannot log in.
    """
    try:
        decision_id = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise Http404 from None
    decision = Decision.objects.filter(pk=decision_id).select_related("case", "person").first()
    if decision is None or decision.person is None:
        raise Http404
    return decision


def explain(user: User) -> Suspension:
    """Return why a person is suspended: the decision that lasts longest. One query.

    Empty if no decision says so: suspended by a command.
    """
    standing = Decision.objects.filter(person=user, verb=Verb.SUSPEND, undone_at=None)
    decision = standing.order_by(F("ends_at").desc(nulls_first=True), "-pk").first()
    if decision is None:
        return Suspension()
    path = reverse("social:appeal", args=[token_of(decision)])
    return Suspension(decision.reason, decision.ends_at, path)


@transaction.atomic
def appeal(*, decision: Decision, words: str) -> Decision:
    """Appeal against a decision, once; its case is in the queue again.

    Raises ``CannotAppeal`` if there was an appeal, the decision does not stand any more, or the
    photo that it has removed cannot be brought back. At most six statements.
    """
    held = Decision.objects.select_for_update().select_related("case").get(pk=decision.pk)
    if held.appeal != Decision.Appeal.NONE:
        raise CannotAppeal(gettext("You have already appealed this decision."))
    if not held.stands:
        raise CannotAppeal(gettext("This decision has been reversed, or has ended."))
    case = held.case
    if held.is_past_undoing or _is_gone(held):
        raise CannotAppeal(
            gettext("Your photo has been deleted for good, so you can no longer appeal.")
        )
    held.appeal, held.appeal_words = Decision.Appeal.OPEN, words
    held.save(update_fields=["appeal", "appeal_words"])
    case.state = ModerationCase.State.APPEALED
    case.save(update_fields=["state"])
    log.write(case, "appealed", by=None, words=words)
    return held


def _is_gone(decision: Decision) -> bool:
    """Tell whether the photo of a decision that removed it is no more. At most one query.

    Staff can delete it before the bin's days are over, and so does another decision, made earlier.
    """
    if decision.verb not in effects.REMOVING or decision.case.kind != Kind.PHOTO:
        return False
    return effects.photo_of(decision.case) is None
