"""JWT pairs: a short access token, and a refresh token that is replaced at every use.

Both carry the person's ``auth_version``: a password change or a suspension raises it and with
that ends every token at once. The refresh token belongs to an ``ApiSession`` row that knows the
one token in use; an older one proves that a copy exists, and ends the session (RFC 9700, 4.14.2).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken, Token

from accounts.account_cache import account
from accounts.models import ApiSession, User
from minigram_site.db import set_user
from minigram_site.fields.snowflake import parse_id

VERSION_CLAIM = "ver"
SESSION_CLAIM = "sid"


class RefusedToken(ValueError):
    """The refresh token is not accepted; ``code`` is for programs, the message for people."""

    def __init__(self, message: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(message)
        self.code = code


def issue(user: User) -> dict[str, str]:
    """Log a client in: start an ``ApiSession`` and return ``{access, refresh}``. One insert."""
    set_user(user.pk)
    token_id = uuid4().hex
    session = ApiSession.objects.create(user=user, token_id=token_id, expires_at=_expiry())
    return _pair(user, session.pk, token_id)


def renew(text: str) -> dict[str, str]:
    """Replace a refresh token; return the new ``{access, refresh}``. Two statements.

    Raises ``RefusedToken`` for one that is forged, expired, logged out or already replaced; the
    last of these also ends the session. Of two that come at once, one wins.
    """
    token = _read(text)
    session = _session(token)
    token_id = uuid4().hex
    replaced = ApiSession.objects.filter(pk=session.pk, token_id=token["jti"]).update(
        token_id=token_id, expires_at=_expiry()
    )
    if not replaced:
        session.delete()
        raise RefusedToken("This session has been ended for safety: log in again.", "token_reused")
    return _pair(session.user, session.pk, token_id)


def end(text: str) -> None:
    """Log a client out: end the session of a refresh token; a session that has ended is no error.

    Raises ``RefusedToken`` for a token that this site has not given out.
    """
    token = _read(text)
    ApiSession.objects.filter(pk=_number(token.get(SESSION_CLAIM))).delete()


def current_user(token: Token) -> User | None:
    """Return the active person of a token, or ``None`` if it was revoked.

    One query, none if it is cached.
    """
    user = account(_number(token.get("sub")))
    return user if user and token.get(VERSION_CLAIM) == user.auth_version else None


def claims(token: Token) -> tuple[int, Any]:
    """Return the user id in a token (0 for none) and the ``auth_version`` in it."""
    return _number(token.get("sub")), token.get(VERSION_CLAIM)


def auth_version_of(user_id: int) -> QuerySet[User, Any]:
    """Return the query for the ``auth_version`` of an active person: one row, or none."""
    return User.objects.filter(pk=user_id, is_active=True).values_list("auth_version")


def _session(token: Token) -> ApiSession:
    """Return the session of a refresh token, with its user; raises ``RefusedToken`` if it ended."""
    held = ApiSession.objects.select_related("user")
    session = held.filter(
        pk=_number(token.get(SESSION_CLAIM)), user=_number(token.get("sub")), user__is_active=True
    ).first()
    if session is None or token.get(VERSION_CLAIM) != session.user.auth_version:
        raise RefusedToken("This session has ended: log in again.", "token_not_valid")
    return session


def _read(text: str) -> Token:
    try:
        return RefreshToken(text)  # type: ignore[arg-type]
    except TokenError:
        raise RefusedToken("This token is not valid, or has expired.", "token_not_valid") from None


def _number(claim: Any) -> int:
    """Return a claim as a number; 0, which is no id, for anything else."""
    return parse_id(str(claim)) or 0


def _expiry() -> Any:
    return timezone.now() + api_settings.REFRESH_TOKEN_LIFETIME


def _pair(user: User, session_id: int, token_id: str) -> dict[str, str]:
    refresh = RefreshToken()
    refresh["sub"] = str(user.pk)
    refresh[VERSION_CLAIM] = user.auth_version
    refresh[SESSION_CLAIM] = str(session_id)
    refresh["jti"] = token_id
    access = refresh.access_token
    del access.payload[SESSION_CLAIM]
    return {"access": str(access), "refresh": str(refresh)}
