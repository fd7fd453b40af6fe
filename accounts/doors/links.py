"""The signed part of a link that confirms an e-mail address."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from accounts.models import EmailConfirmation

VALID_FOR = timedelta(days=3)
_SALT = "accounts.doors.confirm"


def token_of(held: EmailConfirmation) -> str:
    """Return what the link to this row's address carries: nobody else can make it. No query."""
    return signing.dumps([held.pk, held.nonce], salt=_SALT)


def read_token(token: str) -> tuple[int, str] | None:
    """Return the id of the person and the nonce in a token of ours, ``None`` for any other.

    One that is older than ``VALID_FOR`` is none. No query.
    """
    try:
        user_id, nonce = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return int(user_id), str(nonce)
