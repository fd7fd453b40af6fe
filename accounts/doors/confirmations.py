"""Confirming e-mail addresses: an address is somebody's once they have used a link sent there.

Until then the account has the address it had: one can log in with it, and it gets the mails. So a
mistyped address shuts nobody out: it is corrected by asking for another link, which makes the
earlier one worthless. Opening a link changes nothing, as programs open those in mails; a button
does it.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.authentication import attempts
from accounts.doors import admissions, mails
from accounts.doors.links import read_token
from accounts.doors.site import site_settings
from accounts.models import EmailCheck, EmailConfirmation, User


class BrokenLink(ValueError):
    """The link is not of this site, is too old, or there is a newer one."""

    sentence = _("This link no longer works. Please get a new one.")


class Address(NamedTuple):
    """The address of a person: whether it is confirmed, and which other one waits for that."""

    email: str
    is_confirmed: bool
    pending: str


def address_of(user: User) -> Address:
    """Return what is known of a person's address. One query."""
    held = EmailConfirmation.objects.filter(user=user).first()
    if held is None:
        return Address(user.email, is_confirmed=False, pending="")
    if held.confirmed_at is None:
        return Address(user.email, is_confirmed=False, pending=held.email)
    return Address(user.email, is_confirmed=held.email == user.email, pending="")


@transaction.atomic
def change_address(*, user: User, email: str) -> bool:
    """Give a person another address, or ask them to confirm it first; tell whether they have to.

    The password has been asked for. Raises ``ValidationError`` by field for an address that is
    taken, ``TooManyRequests`` for too many links.
    """
    if site_settings().email_check == EmailCheck.NONE and user.is_active:
        services.change_email(user=user, email=email)
        EmailConfirmation.objects.filter(user=user).delete()
        return False
    services.refuse_taken(email=email, user=user)
    request_link(user=user, email=email)
    return True


@transaction.atomic
def resend(*, user: User) -> str:
    """Send another link to the address that waits, or to the one they have; return it.

    Raises ``TooManyRequests`` for too many links.
    """
    address = address_of(user)
    email = address.pending or address.email
    request_link(user=user, email=email)
    return email


def request_link(*, user: User, email: str) -> None:
    """Have a link sent that confirms ``email``, once the transaction has happened.

    Earlier links of this person are worthless from then on. Raises ``TooManyRequests``. Three
    statements, three more for the first in an hour.
    """
    attempts.take("reset", "confirm", str(user.pk))
    fresh = {
        "email": email.lower(),
        "nonce": secrets.token_urlsafe(16),
        "sent_at": timezone.now(),
        "confirmed_at": None,
    }
    EmailConfirmation.objects.update_or_create(user=user, defaults=fresh)
    mails.send_link_on_commit(user.pk)


def note_confirmed(*, user: User) -> None:
    """Note that the address of somebody is theirs, as one whom the site trusts says. One statement.

    For an account that is made in this transaction.
    """
    now = timezone.now()
    EmailConfirmation.objects.create(
        user=user, email=user.email, nonce=secrets.token_urlsafe(16), sent_at=now, confirmed_at=now
    )


def find(token: str) -> EmailConfirmation:
    """Return what the link with this token confirms; changes nothing. One query.

    Raises ``BrokenLink``.
    """
    return _find(token, lock=False)


@transaction.atomic
def confirm(token: str) -> tuple[User, bool]:
    """Confirm the address of a link; return whose it is, and whether that is news.

    Who waited for nothing else is in. A second time nothing changes. Raises ``BrokenLink``, and
    ``ValidationError`` by field if somebody else has the address by now. Seven statements.
    """
    held = _find(token, lock=True)
    user = held.user
    if held.confirmed_at is not None:
        return user, False
    if user.email != held.email:
        services.change_email(user=user, email=held.email)
    held.confirmed_at = timezone.now()
    held.save(update_fields=["confirmed_at"])
    admissions.confirmed(user)
    user.refresh_from_db(fields=["is_active"])
    return user, True


def _find(token: str, *, lock: bool) -> EmailConfirmation:
    user_id, nonce = read_token(token) or (0, "")
    rows = EmailConfirmation.objects.select_related("user")
    if lock:
        rows = rows.select_for_update(of=("self",))
    held = rows.filter(pk=user_id, nonce=nonce).first()
    if held is None or not (held.user.is_active or admissions.admission_of(held.user)):
        # Suspended people have nothing to confirm.
        raise BrokenLink(BrokenLink.sentence)
    return held


def refuse_unconfirmed_sign_up(user: User) -> None:
    """Raise ``ValidationError`` unless this person, who is not in, waits for a confirmation."""
    admission = admissions.admission_of(user)
    if admission is None or admission.state != admissions.State.UNCONFIRMED:
        raise ValidationError(
            gettext("Your address is already confirmed."), code="already_confirmed"
        )
