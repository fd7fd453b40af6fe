"""Verbs of the digest: turn it on and off, claim those that are due, send one."""

from __future__ import annotations

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django_tasks import task

from accounts.doors.confirmations import address_of
from accounts.doors.site import site_settings
from accounts.mails import in_language_of
from accounts.models import EmailCheck, User
from social.moderation import failures
from social.moderation.models import FailureCount
from social.notifications import wording
from social.notifications.activity import Activity, activity_page
from social.notifications.digest.schedule import day_of, next_due
from social.notifications.models import Digest

logger = logging.getLogger(__name__)
_signer = Signer(salt="social.notifications.digest")

# How many notifications a mail names, the newest.
LONGEST = 20
# How many people's digests are claimed by one look.
BATCH = 500
_WORDS = 140


def digest_of(user: User) -> Digest | None:
    """Return when somebody is sent their digest; ``None`` if they do not want one. One query."""
    return Digest.objects.filter(owner=user.pk).first()


@transaction.atomic
def turn_on(*, user: User, hour: int, zone: str) -> Digest:
    """Have a digest sent to somebody each day at ``hour`` (0 to 23) in the time zone ``zone``.

    Two statements. Raises ``ZoneInfoNotFoundError`` for an unknown zone.
    """
    held = Digest.objects.select_for_update().filter(owner=user.pk).first()
    digest = held or Digest(owner=user)
    digest.hour, digest.zone = hour, zone
    digest.due_at = next_due(hour, zone, timezone.now(), digest.last_day)
    digest.save()
    return digest


def turn_off(user_id: int) -> None:
    """Send no further digest to a person. One statement."""
    Digest.objects.filter(owner=user_id).delete()


def token_of(user_id: int) -> str:
    """Return the text with which a mail's link ends the digests of one person, without a log-in."""
    return _signer.sign(str(user_id))


def owner_of_token(token: str) -> int:
    """Return whose digests a link ends; ``Http404`` for a forged one. No query."""
    try:
        return int(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise Http404 from None


def send_due() -> int:
    """Have the digests sent that are due; return how many were claimed. Safe at any time.

    One query where none is due, else two statements for each. A digest is claimed in the
    transaction that puts it into the queue, and of two processes at once one gets it. Without a
    worker it is sent at once; a mail that cannot be sent is logged.
    """
    now = timezone.now()
    due = list(Digest.objects.filter(due_at__lte=now).order_by("due_at")[:BATCH])
    return sum(_claim(digest, now) for digest in due)


def _claim(digest: Digest, now: datetime) -> bool:
    day = day_of(now, digest.zone)
    following = next_due(digest.hour, digest.zone, now, day)
    with transaction.atomic():
        held = Digest.objects.filter(owner=digest.owner_id, due_at=digest.due_at)
        if not held.update(due_at=following, last_day=day):
            return False
        if settings.BACKGROUND_WORKER:
            send.enqueue(digest.owner_id)
    if not settings.BACKGROUND_WORKER:
        try:
            send.call(digest.owner_id)
        except (OSError, SMTPException):
            logger.exception("The digest of %s could not be sent.", digest.owner_id)
            failures.count(FailureCount.Kind.BACKGROUND)
    return True


@task(priority=-10)
def send(user_id: int) -> None:
    """Send somebody what is unread and was in no digest yet; nothing, if nothing is.

    What is in it, and whether they may have it, is asked now. It is noted as sent before it is:
    a process that dies in between loses a mail instead of sending it twice. Where the site checks
    addresses, one that is not confirmed gets none. Eight queries at most.
    Raises ``OSError`` and ``SMTPException`` where the mail server refuses it.
    """
    digest = Digest.objects.filter(owner=user_id, owner__is_active=True).select_related("owner")
    held = digest.first()
    if held is None or not _may_be_written_to(held.owner):
        return
    shown = [
        one
        for one in activity_page(held.owner, None, LONGEST).items
        if one.unread and one.latest > held.sent_up_to
    ]
    if not shown:
        return
    claimed = Digest.objects.filter(owner=user_id, sent_up_to=held.sent_up_to)
    if claimed.update(sent_up_to=max(one.latest for one in shown)):
        with in_language_of(held.owner):
            _message(held.owner, shown).send()


def _may_be_written_to(user: User) -> bool:
    """Tell whether the address is theirs, as far as the site asks. One query where it does."""
    if site_settings().email_check == EmailCheck.NONE:
        return bool(user.email)
    return address_of(user).is_confirmed


def _message(user: User, shown: list[Activity]) -> EmailMessage:
    leaving = settings.SITE_URL + reverse("social:digest-end", args=[token_of(user.pk)])
    context = {
        "user": user,
        "site_name": settings.SITE_NAME,
        "lines": [_line(one) for one in shown],
        "address": settings.SITE_URL + reverse("social:activity"),
        "leaving": leaving,
    }
    first = wording.sentence(shown[0]).rstrip(".")
    if further := len(shown) - 1:
        first = ngettext(
            "%(first)s and %(number)s more", "%(first)s and %(number)s more", further
        ) % {"first": first, "number": further}
    return EmailMessage(
        f"{settings.SITE_NAME}: {first}",
        render_to_string("social/activity/digest_email.txt", context),
        None,
        [user.email],
        headers={
            "List-Unsubscribe": f"<{leaving}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _line(one: Activity) -> dict[str, str]:
    words = wording.plain(one.remark.text) if one.remark and not one.filtered else ""
    if len(words) > _WORDS:
        words = f"{words[: _WORDS - 1]}…"
    address = settings.SITE_URL + one.url if one.url else ""
    return {"sentence": wording.sentence(one), "words": words, "address": address}
