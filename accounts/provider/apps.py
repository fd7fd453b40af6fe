"""Apps: somebody signs in with the provider in a browser, and the app gets its tokens for a code.

The app opens ``login/provider/app/`` with a challenge (PKCE, RFC 7636) and an address of its own.
The last page there links that address with a code, for which ``POST auth/provider/`` gives tokens
once, to whoever has the verifier of the challenge (RFC 8252).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from accounts.models import AppCode, SiteSettings, User
from accounts.models.provider import is_loopback

VALID_FOR = timedelta(minutes=5)
# SHA-256 in URL-safe base64, and what RFC 7636 lets a verifier be.
_CHALLENGE = re.compile(r"[0-9A-Za-z_-]{43}")
_VERIFIER = re.compile(r"[0-9A-Za-z._~-]{43,128}")
_PRINTABLE = re.compile(r"[\x21-\x7e]*")


class AskedFor(NamedTuple):
    """What an app has asked for: where it is led back to, its challenge, and its own mark."""

    redirect_uri: str
    challenge: str
    state: str


def asked_for(request: HttpRequest, site: SiteSettings) -> AskedFor:
    """Return what the app that has opened this address asks for. No query.

    Raises ``BadRequest`` (the 400 page) for an address that the site's settings do not name, or
    without a challenge.
    """
    given = request.GET
    asked = AskedFor(
        given.get("redirect_uri", ""), given.get("code_challenge", ""), given.get("state", "")
    )
    if not may_lead_to(asked.redirect_uri, site):
        raise BadRequest(gettext("This site doesn’t know the app that has opened this page."))
    is_complete = given.get("code_challenge_method") == "S256" and len(asked.state) <= 500
    if not is_complete or not _CHALLENGE.fullmatch(asked.challenge):
        raise BadRequest(gettext("The app has asked for something that this site can’t do."))
    return asked


def may_lead_to(address: str, site: SiteSettings) -> bool:
    """Return whether apps may be led to an address, as the site's settings say. No query.

    Letter by letter, but for the port of this machine, which an app does not choose (RFC 8252).
    """
    if len(address) > 500 or not _PRINTABLE.fullmatch(address) or "#" in address:
        return False
    allowed = site.provider_app_redirects.split()
    return address in allowed or _without_port(address) in allowed


def address_with_code(user: User, asked: AskedFor) -> str:
    """Return the address that leads the app back, with a new code for somebody. One statement.

    Who they are was proved in this browser; a second factor is asked for with the code.
    """
    code = secrets.token_urlsafe(32)
    AppCode.objects.create(
        user=user,
        digest=_digest(code),
        challenge=asked.challenge,
        redirect_uri=asked.redirect_uri,
        expires_at=timezone.now() + VALID_FOR,
    )
    query = {"code": code, **({"state": asked.state} if asked.state else {})}
    joint = "&" if "?" in asked.redirect_uri else "?"
    return asked.redirect_uri + joint + urlencode(query)


def find(*, code: str, code_verifier: str, redirect_uri: str) -> AppCode | None:
    """Return what a code is for, ``None`` if it is not good, or not this app's. One query.

    It stays good until it is spent.
    """
    rows = AppCode.objects.select_related("user").filter(expires_at__gt=timezone.now())
    held = rows.filter(digest=_digest(code)).first()
    if held is None or not _VERIFIER.fullmatch(code_verifier):
        return None
    is_theirs = constant_time_compare(create_s256_code_challenge(code_verifier), held.challenge)
    return held if is_theirs and held.redirect_uri == redirect_uri else None


def spend(held: AppCode) -> bool:
    """Use a code up, in the transaction of the log-in; tell whether it was still there. One query.

    Of several at once one finds it.
    """
    return bool(AppCode.objects.filter(pk=held.pk).delete()[0])


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _without_port(address: str) -> str:
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError:
        return ""
    if parts.scheme != "http" or port is None or "@" in parts.netloc or not is_loopback(host):
        return ""
    return address.replace(f":{port}", "", 1) if f":{port}" in parts.netloc else ""
