"""Mails of the doors: a link to confirm an address, and what was decided about a sign-up."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django_tasks import task

from accounts.doors.links import token_of
from accounts.mails import later
from accounts.models import Admission, EmailConfirmation


@task(priority=-10)
def send_link(user_id: int) -> None:
    """Send the link that confirms an address to that address; nothing if it is gone. One query."""
    held = EmailConfirmation.objects.select_related("user").filter(pk=user_id).first()
    if held is None or held.confirmed_at is not None:
        return
    address = settings.SITE_URL + reverse("accounts:confirm-email", args=[token_of(held)])
    _send("Confirm your e-mail address", "confirm", held.email, user=held.user, address=address)


@task(priority=-10)
def tell_decision(user_id: int) -> None:
    """Tell somebody whether they may come in; nothing if they are gone. One query."""
    admission = Admission.objects.select_related("user").filter(pk=user_id).first()
    if admission is None:
        return
    admitted = admission.state == Admission.State.ADMITTED
    subject = "Welcome" if admitted else "Your sign-up"
    address = settings.SITE_URL + reverse("accounts:login")
    words = {"user": admission.user, "admitted": admitted, "reason": admission.reason}
    _send(subject, "decided", admission.user.email, address=address, **words)


def send_link_on_commit(user_id: int) -> None:
    """Have ``send_link`` done once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(send_link, user_id))


def tell_decision_on_commit(admission: Admission) -> None:
    """Have ``tell_decision`` done once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(tell_decision, admission.pk))


def _send(subject: str, template: str, email: str, **context: object) -> None:
    text = render_to_string(
        f"accounts/doors/{template}_email.txt", {**context, "site_name": settings.SITE_NAME}
    )
    send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [email])
