"""Mails that tell people what was decided about them, and why."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django_tasks import task

from accounts.mails import in_language_of, later
from social.moderation import appeals, wording
from social.moderation.models import Decision


@task(priority=-10)
def tell(decision_id: int) -> None:
    """Send the person a decision, or what became of their appeal; nothing if it is gone.

    The link opens it without a log-in: who is suspended has none. One query.
    """
    decision = Decision.objects.filter(pk=decision_id).select_related("case", "person").first()
    if decision is None or decision.person is None or not decision.person.email:
        return
    address = reverse("social:appeal", args=[appeals.token_of(decision)])
    with in_language_of(decision.person):
        context = {
            "decision": decision,
            "site_name": settings.SITE_NAME,
            "sentence": wording.sentence(decision),
            "outcome": wording.appeal_sentence(decision),
            "address": settings.SITE_URL + address,
        }
        subject = gettext("A decision by the moderators")
        send_mail(
            f"{settings.SITE_NAME}: {subject}",
            render_to_string("social/moderation/decision_email.txt", context),
            None,
            [decision.person.email],
        )


def tell_on_commit(decision: Decision) -> None:
    """Have ``tell`` done once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(tell, decision.pk))
