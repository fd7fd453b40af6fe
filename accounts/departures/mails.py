"""The mail to somebody who leaves: when the account goes, and how to keep it.

There is none at the end: it would need an address that is kept after the account is deleted.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.mails import in_language_of, later
from accounts.models import Departure, User


@task(priority=-10)
def send_leaving(user_id: int) -> None:
    """Send the mail; nothing if the person is gone or has come back. One query."""
    departure = Departure.objects.select_related("user").filter(pk=user_id).first()
    if departure is None:
        return
    user = departure.user
    with in_language_of(user):
        words = {
            "user": user,
            "leaves_at": departure.leaves_at,
            "site_name": settings.SITE_NAME,
            "log_in": settings.SITE_URL + reverse("accounts:login"),
            "password": settings.SITE_URL + reverse("accounts:reset"),
        }
        text = render_to_string("accounts/departures/leaving_email.txt", words)
        subject = _("Your account will be deleted")
        send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [user.email])


def tell_leaving_on_commit(user: User) -> None:
    """Have the mail sent once the transaction has happened, outside of this request."""
    transaction.on_commit(lambda: later(send_leaving, user.pk))
