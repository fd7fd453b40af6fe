"""Mails to the staff of what waits for them: reports, appeals, and people who want to come in.

For those who have turned it on, at most one an hour, of everything that came in meanwhile.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.models import Admission, User
from social.moderation import failures
from social.moderation.models import DeskMail, FailureCount, ModerationCase

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
# Of each queue so many are looked at, those that have waited longest.
LOOKED_AT = 500
# What a mail is about, and who may decide it.
CASES, PEOPLE = "social.view_moderationcase", "accounts.view_admission"


def may_have(user: User) -> bool:
    """Return whether somebody can be sent such mails: they may see one of the queues."""
    return user.is_staff and (user.has_perm(CASES) or user.has_perm(PEOPLE))


def is_on(user: User) -> bool:
    """Return whether somebody is sent such mails. One query."""
    return DeskMail.objects.filter(owner=user.pk).exists()


def set_on(*, user: User, on: bool) -> None:
    """Turn these mails on or off. One statement; what waits already is not told of."""
    if not on:
        DeskMail.objects.filter(owner=user.pk).delete()
        return
    values = {"due_at": timezone.now(), "told": _waiting(user)}
    DeskMail.objects.get_or_create(owner=user, defaults=values)


def send_due() -> int:
    """Have the mails sent that are due; return how many were claimed. Safe at any time.

    One query where none is due, else up to ten for each of the staff who wants them.
    """
    now = timezone.now()
    due = DeskMail.objects.filter(due_at__lte=now).select_related("owner")
    return sum(_claim(mail, now) for mail in list(due))


def _claim(mail: DeskMail, now: datetime) -> bool:
    user = mail.owner
    waiting = _waiting(user) if user.is_active and may_have(user) else []
    news = [one for one in waiting if one not in set(mail.told)]
    if not news:
        return False
    with transaction.atomic():
        held = DeskMail.objects.filter(owner=user.pk, due_at=mail.due_at)
        if not held.update(due_at=now + EVERY, told=waiting):
            return False
        if settings.BACKGROUND_WORKER:
            send.enqueue(user.pk)
    if not settings.BACKGROUND_WORKER:
        try:
            send.call(user.pk)
        except (OSError, SMTPException):
            logger.exception("The mail of what waits for %s could not be sent.", user)
            failures.count(FailureCount.Kind.BACKGROUND)
    return True


@task(priority=-10)
def send(user_id: int) -> None:
    """Send one of the staff how much waits now; nothing, if it was decided meanwhile.

    Raises ``OSError`` and ``SMTPException`` where the mail server refuses it.
    """
    mail = DeskMail.objects.select_related("owner").filter(owner=user_id).first()
    if mail is None or not mail.owner.is_active or not mail.owner.email:
        return
    waiting = _waiting(mail.owner)
    cases = sum(one.startswith("case") for one in waiting)
    if not waiting:
        return
    context = {
        "user": mail.owner,
        "site_name": settings.SITE_NAME,
        "cases": cases,
        "people": len(waiting) - cases,
        "cases_address": settings.SITE_URL + reverse("admin:social_moderationcase_changelist"),
        "people_address": settings.SITE_URL + reverse("admin:accounts_admission_changelist"),
        "settings_address": settings.SITE_URL + reverse("social:notification-settings"),
    }
    text = render_to_string("social/moderation/waiting_email.txt", context)
    subject = _("%(site)s: somebody is waiting for a decision") % {"site": settings.SITE_NAME}
    send_mail(subject, text, None, [mail.owner.email])


def _waiting(user: User) -> list[str]:
    """Return what waits in the queues that somebody may see. Up to six queries."""
    waiting: list[str] = []
    if user.has_perm(CASES):
        cases = ModerationCase.objects.exclude(state=ModerationCase.State.DECIDED)
        keys = cases.order_by("state", "pk").values_list("pk", "state")
        waiting += [f"case {pk} {state}" for pk, state in keys[:LOOKED_AT]]
    if user.has_perm(PEOPLE):
        people = Admission.objects.filter(state=Admission.State.WAITING).order_by("pk")
        waiting += [f"person {pk}" for pk in people.values_list("pk", flat=True)[:LOOKED_AT]]
    return waiting
