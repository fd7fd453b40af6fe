"""Mails about second factors: whoever changes them, their owner learns of it."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.mails import in_language_of, later
from accounts.models import User

APP_ON, APP_OFF = "app_on", "app_off"
PASSKEY_ADDED, PASSKEY_REMOVED, PASSKEY_COPIED = "passkey_added", "passkey_removed", "passkey_copy"
NEW_CODES, RECOVERY_USED = "new_codes", "recovery_used"
GUESSES, REMOVED = "guesses", "removed"
PROVIDER_LINKED, PROVIDER_UNLINKED = "provider_linked", "provider_unlinked"

_SENTENCES = {
    APP_ON: _("You’ll now be asked for a code from your authenticator app when you log in."),
    APP_OFF: _("You’ll no longer be asked for a code from your authenticator app when you log in."),
    PASSKEY_ADDED: _("A passkey was added to your account."),
    PASSKEY_REMOVED: _("A passkey was removed from your account."),
    PASSKEY_COPIED: _(
        "You logged in with a passkey that may have been copied. If it is on a security "
        "key, remove it and add it again."
    ),
    NEW_CODES: _("You have new recovery codes. The old ones no longer work."),
    RECOVERY_USED: _("A recovery code was used to log in. It won’t work again."),
    GUESSES: _(
        "Someone who knows your password has tried many codes for your authenticator app. "
        "If it wasn’t you, choose another password."
    ),
    REMOVED: _(
        "The people who run this site have removed your second step: your password is enough to "
        "log in."
    ),
    PROVIDER_LINKED: _(
        "Your account was linked to your account at this site’s sign-in provider. You can log in "
        "with it."
    ),
    PROVIDER_UNLINKED: _(
        "Your account is no longer linked to your account at this site’s sign-in provider."
    ),
}


@task(priority=-10)
def send_change(what: str) -> None:
    """Send the mail about a change, ``"KIND:USER"``; nothing if the person is gone. One query."""
    kind, _colon, user_id = what.partition(":")
    user = User.objects.filter(pk=int(user_id)).first()
    if user is None:
        return
    with in_language_of(user):
        words = {
            "user": user,
            "what": str(_SENTENCES[kind]),
            "site_name": settings.SITE_NAME,
            "address": settings.SITE_URL + reverse("accounts:factors"),
        }
        text = render_to_string("accounts/factors/changed_email.txt", words)
        changed, guessed = _("Your log-in settings have changed"), _("Someone is trying to log in")
        subject = guessed if kind == GUESSES else changed
        send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [user.email])


def tell(user: User, kind: str) -> None:
    """Have a mail sent about what has happened, outside of this request."""
    later(send_change, f"{kind}:{user.pk}")


def tell_on_commit(user: User, kind: str) -> None:
    """Have a mail sent about what happens, once the transaction has, outside of this request."""
    transaction.on_commit(lambda: tell(user, kind))
