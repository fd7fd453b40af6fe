"""The mail about a log-in with a browser or an app that is new to the account."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.mails import in_language_of, later
from accounts.models import LogIn


@task(priority=-10)
def send_new(log_in_id: int) -> None:
    """Send the mail about a log-in; nothing if the person is gone. One query."""
    row = LogIn.objects.select_related("user").filter(pk=log_in_id).first()
    if row is None:
        return
    with in_language_of(row.user):
        words = {
            "user": row.user,
            "log_in": row,
            "site_name": settings.SITE_NAME,
            "sessions": settings.SITE_URL + reverse("accounts:sessions"),
            "password": settings.SITE_URL + reverse("accounts:password"),
        }
        text = render_to_string("accounts/logins/new_email.txt", words)
        subject = _("New log-in")
        send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [row.user.email])


def tell_new_on_commit(row: LogIn) -> None:
    """Have the mail sent once the log-in has happened, outside of this request."""
    transaction.on_commit(lambda: later(send_new, row.pk))
