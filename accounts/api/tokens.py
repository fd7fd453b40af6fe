"""JWT pairs: a short access token, and a refresh token that is replaced at every use.

Both carry the person's ``auth_version``: a password change or a suspension raises it and with
that ends every token at once. Both name their ``ApiSession``, and stop with its row. That knows
the one refresh token in use; an older one proves that a copy exists, and ends the session (RFC
9700, 4.14.2), unless it is the one before and was replaced within the last minute.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from accounts.account_cache import account_of_session, invalidate_session, of_session
from accounts.api.signing import RefreshToken
from accounts.models import ApiSession, LogIn, User
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


def issue(user: User, log_in: LogIn | None = None) -> dict[str, str]:
    """Log a client in: start an ``ApiSession`` and return ``{access, refresh}``. One insert.

    ``log_in`` is what its owner sees in the list of where they are logged in.
    """
    set_user(user.pk)
    token_id = uuid4().hex
    session = ApiSession.objects.create(
        user=user, log_in=log_in, token_id=token_id, expires_at=_expiry()
    )
    return _pair(user, session.pk, token_id)


def renew(text: str) -> dict[str, str]:
    """Replace a refresh token; return the new ``{access, refresh}``. Two statements.

    Of several that come at once one is replaced; the others, and one that comes again within
    ``ApiSession.REPEAT_SECONDS``, get the pair that is in use by then, for one statement more.
    Raises ``RefusedToken`` for one that is forged, expired, logged out or replaced before; the
    last of these also ends the session.
    """
    token = _read(text)
    session = _session(token)
    old, new = token["jti"], uuid4().hex
    replaced = ApiSession.objects.filter(pk=session.pk, token_id=old).update(
        token_id=new, previous_token_id=old, replaced_at=timezone.now(), expires_at=_expiry()
    )
    if replaced:
        return _pair(session.user, session.pk, new)
    session = _session(token)
    if session.repeats(old):
        return _pair(session.user, session.pk, session.token_id)
    _end(session.pk)
    raise RefusedToken("This session has been ended for safety: log in again.", "token_reused")


def end(text: str) -> None:
    """Log a client out: end the session of a refresh token; a session that has ended is no error.

    Raises ``RefusedToken`` for a token that this site has not given out.
    """
    token = _read(text)
    _end(_number(token.get(SESSION_CLAIM)))


def current_user(token: Token) -> User | None:
    """Return the active person of a token, or ``None`` if it was revoked.

    One query, none if it is cached.
    """
    user_id, version, session_id = claims(token)
    user = account_of_session(user_id, session_id)
    return user if user and version == user.auth_version else None


def claims(token: Any) -> tuple[int, Any, int]:
    """Return what a token names: the user's id, their ``auth_version``, the session's id.

    Ids are 0 where there is none.
    """
    user_id, session_id = _number(token.get("sub")), _number(token.get(SESSION_CLAIM))
    return user_id, token.get(VERSION_CLAIM), session_id


def auth_version_of(user_id: int, session_id: int) -> QuerySet[User, Any]:
    """Return the query for the ``auth_version`` behind a token: one row, or none.

    None if the person is not active, or the session has ended or is somebody else's.
    """
    return of_session(user_id, session_id).values_list("auth_version")


def _session(token: Token) -> ApiSession:
    """Return the session of a refresh token, with its user; raises ``RefusedToken`` if it ended."""
    held = ApiSession.objects.select_related("user")
    session = held.filter(
        pk=_number(token.get(SESSION_CLAIM)), user=_number(token.get("sub")), user__is_active=True
    ).first()
    if session is None or token.get(VERSION_CLAIM) != session.user.auth_version:
        raise RefusedToken("This session has ended: log in again.", "token_not_valid")
    return session


@transaction.atomic
def _end(session_id: int) -> None:
    ApiSession.objects.filter(pk=session_id).delete()
    invalidate_session(session_id)


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
    for token in (refresh, access):
        # An instance whose clock is behind would refuse a token that was issued in its future.
        del token.payload["iat"]
    return {"access": str(access), "refresh": str(refresh)}
