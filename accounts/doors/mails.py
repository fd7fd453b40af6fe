"""Mails of the doors: a link to confirm an address, and what was decided about a sign-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.doors.links import token_of
from accounts.mails import in_language_of, later
from accounts.models import Admission, EmailConfirmation, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@task(priority=-10)
def send_link(user_id: int) -> None:
    """Send the link that confirms an address to that address; nothing if it is gone. One query."""
    held = EmailConfirmation.objects.select_related("user").filter(pk=user_id).first()
    if held is None or held.confirmed_at is not None:
        return
    address = settings.SITE_URL + reverse("accounts:confirm-email", args=[token_of(held)])
    _send(_("Confirm your e-mail address"), "confirm", held.email, held.user, address=address)


@task(priority=-10)
def tell_decision(user_id: int) -> None:
    """Tell somebody whether they may come in; nothing if they are gone. One query."""
    admission = Admission.objects.select_related("user").filter(pk=user_id).first()
    if admission is None:
        return
    admitted = admission.state == Admission.State.ADMITTED
    subject = _("Welcome") if admitted else _("Your sign-up")
    address = settings.SITE_URL + reverse("accounts:login")
    user, words = admission.user, {"admitted": admitted, "reason": admission.reason}
    _send(subject, "decided", user.email, user, address=address, **words)


def send_link_on_commit(user_id: int) -> None:
    """Have ``send_link`` done once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(send_link, user_id))


def tell_decision_on_commit(admission: Admission) -> None:
    """Have ``tell_decision`` done once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(tell_decision, admission.pk))


def _send(subject: StrOrPromise, template: str, email: str, user: User, **context: object) -> None:
    words = {**context, "user": user, "site_name": settings.SITE_NAME}
    with in_language_of(user):
        text = render_to_string(f"accounts/doors/{template}_email.txt", words)
        send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [email])
