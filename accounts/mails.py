"""Mails, which no request waits for: sent by the worker, or by threads beside the requests.

Whether somebody has an address is looked up there as well, so that neither the answer nor its time
tells. A mail server that says nothing costs ``EMAIL_TIMEOUT`` seconds of such a thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.db import connections
from django.utils.translation import override
from django_tasks import task

from accounts.models import User
from minigram_site.languages import LANGUAGE_CODE, NAMES

logger = logging.getLogger(__name__)

# Mails that may wait in one process. What comes beyond is dropped, and the person asks again.
MAX_WAITING = 50
_room = BoundedSemaphore(MAX_WAITING)
# Seconds that the answer waits, whether there is an account or not: a thread that works in this
# process slows the request down beside it, by a time that would tell.
PAUSE = 0.3


class ResetForm(PasswordResetForm):
    """Takes the address that a link to choose a new password is to be sent to."""

    def get_users(self, email: str) -> Iterable[User]:
        """Return the person with this address who may have a password, or nobody.

        Whose password was taken away has to ask those who run the site; who came by a provider
        may never have had one. Up to two queries.
        """
        found = User.objects.admitted().filter(email=email.lower())
        return (user for user in found if user.has_usable_password() or user.identities.exists())

    def save(self, *_: Any, **_options: Any) -> None:
        """Have the mail sent outside of this request."""
        send_reset_later(self.cleaned_data["email"])

    def send_mail(self, *arguments: Any, **options: Any) -> None:
        """Send the mail to one person in their language."""
        context = options.get("context") or arguments[2]
        with in_language_of(context["user"]):
            super().send_mail(*arguments, **options)

    def send(self) -> None:
        """Send the mail; one that cannot be sent is logged. One query.

        The link begins with ``SITE_URL``, whatever host a request has named.
        """
        site = urlsplit(settings.SITE_URL)
        super().save(
            domain_override=site.netloc,
            use_https=site.scheme == "https",
            email_template_name="accounts/reset_email.txt",
            subject_template_name="accounts/reset_subject.txt",
        )


# Behind the pictures that wait for the worker.
@task(priority=-10)
def send_reset(email: str) -> None:
    """Send a link to choose a new password to the person with this address, if there is one."""
    form = ResetForm({"email": email})
    if form.is_valid():
        form.send()


def send_reset_later(email: str) -> None:
    """Have ``send_reset`` done outside of this request.

    One insert where there is a worker; a third of a second where a thread does it.
    """
    if later(send_reset, email):
        time.sleep(PAUSE)


def in_language_of(user: User) -> override:
    """Return the context in which a mail to somebody is written: in the language they chose."""
    return override(user.language if user.language in NAMES else LANGUAGE_CODE)


def later(mail: Any, argument: str | int) -> bool:
    """Have ``mail``, a task with one argument, done outside of this request.

    One insert where there is a worker. Returns whether a thread of this process does it. Beyond
    ``MAX_WAITING`` it is dropped and logged.
    """
    if settings.BACKGROUND_WORKER:
        mail.enqueue(argument)
        return False
    if not _room.acquire(blocking=False):
        logger.error("A mail was dropped: %s wait for the mail server already.", MAX_WAITING)
        return False
    _threads().submit(_send_and_release, mail, argument)
    return True


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def _send_and_release(mail: Any, argument: str | int) -> None:
    try:
        mail.call(argument)
    except Exception:
        logger.exception("A mail could not be sent.")
    finally:
        # Those of this thread, as Django does after a request.
        connections.close_all()
        _room.release()
