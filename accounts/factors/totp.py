"""Authenticator apps: codes of six digits that change every half minute (TOTP, RFC 6238)."""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import timedelta

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.factors.sealing import seal, sealed_anew, unseal
from accounts.models import Totp, User

STEP_SECONDS = 30
# Steps before and after this one: clocks differ, and people type slowly.
TOLERANCE = 1
# A secret that was shown stays the one to confirm for that long, whatever is reloaded meanwhile.
PENDING_FOR = timedelta(minutes=30)
_CODE = re.compile(r"[0-9]{6}")


def code_in(text: str) -> str:
    """Return the code of six digits in what somebody has typed; empty if it is none. No query."""
    code = "".join(unicodedata.normalize("NFKC", text).split())
    return code if _CODE.fullmatch(code) and code.isascii() else ""


@transaction.atomic
def begin(user: User) -> str:
    """Return the secret for an app that somebody sets up; the one in use goes on. Two statements.

    One that was begun less than ``PENDING_FOR`` ago is returned again: it may be in the app.
    """
    if held := pending_secret(user):
        return held
    secret = pyotp.random_base32()
    fresh = {"pending": seal(secret), "pending_since": timezone.now()}
    Totp.objects.update_or_create(user=user, defaults=fresh)
    return secret


def pending_secret(user: User) -> str | None:
    """Return the secret that is being set up, or ``None``. One query."""
    since = timezone.now() - PENDING_FOR
    held = Totp.objects.filter(user=user, pending_since__gt=since).exclude(pending="").first()
    return unseal(held.pending) if held else None


@transaction.atomic
def confirm(user: User, code: str) -> bool:
    """Take the secret that is being set up into use if its app shows this code. Three statements.

    A wrong code changes nothing: the next may be right. The code cannot be used to log in.
    """
    secret = pending_secret(user)
    step = _step_of(secret, code) if secret else None
    if secret is None or step is None:
        return False
    Totp.objects.filter(user=user).update(
        secret=seal(secret), pending="", pending_since=None, last_step=step
    )
    return True


def accept(user: User, code: str) -> bool:
    """Return whether the app of ``user`` shows this code, which is worth nothing from then on.

    One statement decides, so that of two requests with one code one is refused. Two statements.
    """
    held = Totp.objects.filter(user=user).exclude(secret="").first()
    secret = unseal(held.secret) if held else None
    step = _step_of(secret, code) if secret else None
    if secret is None or step is None:
        return False
    unused = Totp.objects.filter(user=user, last_step__lt=step)
    # Sealed anew: under the present key, if it was made under a former one.
    return bool(unused.update(last_step=step, secret=seal(secret)))


def seal_anew() -> int:
    """Seal all secrets under the present key that are under a former one; return how many.

    Otherwise an app that is not used until the former key is taken out would be lost. No query
    without former keys, else one for every 500 apps, and one for each secret.
    """
    changed = 0
    if not settings.SECRET_KEY_FALLBACKS:
        return changed
    for held in Totp.objects.exclude(secret="").iterator(chunk_size=500):
        if sealed := sealed_anew(held.secret):
            # Unless it was written meanwhile, which has sealed it anew.
            changed += Totp.objects.filter(pk=held.pk, secret=held.secret).update(secret=sealed)
    return changed


def address_of(user: User, secret: str) -> str:
    """Return the address (``otpauth://…``) that gives the secret to an app. No query."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=settings.SITE_NAME)


def picture_of(address: str) -> str:
    """Return an address as a QR code, in the form of a ``data:`` address of an SVG. No query."""
    return str(segno.make(address, micro=False).svg_data_uri(scale=5, border=2, light="#fff"))


def _step_of(secret: str, code: str) -> int | None:
    """Return the step whose code this is, ``None`` if it is of none about now."""
    app, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if constant_time_compare(app.generate_otp(step), code):
            return step
    return None
