"""Authentication of API calls by bearer tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.api.signing import AccessToken
from accounts.api.tokens import claims, current_user
from accounts.models import User

# Of tokens that this site has signed, which have about 300 bytes and cannot be made longer. All of
# them, with what is kept of each, take about 9 MB.
KEPT_TOKENS = 4096
SESSION_ENDED = "This session has ended: log in again."


@lru_cache(maxsize=KEPT_TOKENS)
def _signed(raw_token: bytes) -> Token:
    """Return the access token in ``raw_token``; raises ``TokenError``, which is not kept.

    A client sends the same token for a quarter of an hour; verifying it costs 0.1 ms each time.
    """
    return AccessToken(raw_token)  # type: ignore[arg-type]  # the stubs know text only


class TokenAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``, checked against the account on every request."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token in an ``Authorization`` header, ``None`` for another scheme.

        The scheme may be written in any case (RFC 9110, 11.1). Raises ``AuthenticationFailed``
        (401) for a header with no token or more than one.
        """
        scheme, _, rest = header.partition(b" ")
        return super().get_raw_token(scheme.title() + b" " + rest)

    def get_validated_token(self, raw_token: bytes) -> Token:
        """Return the token; raises ``InvalidToken`` (401) if it is forged or expired. No query.

        Its signature is computed when it is first seen, its expiry is compared every time.
        """
        try:
            token = _signed(raw_token)
            token.check_exp(current_time=timezone.now())
        except TokenError:
            return super().get_validated_token(raw_token)
        return token

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        """Return the token's person. One query, none if it is cached.

        Raises ``AuthenticationFailed`` (401) if they are suspended, deleted or logged out.
        """
        user = current_user(validated_token)
        if user is None:
            raise AuthenticationFailed(SESSION_ENDED, "token_not_valid")
        return user


@lru_cache(maxsize=KEPT_TOKENS)
def bearer(authorization: str) -> tuple[int, Any, int, float]:
    """Return what a bearer token's header names: user id, ``auth_version``, session id, expiry.

    The expiry is in Unix seconds. None of them is compared here: the caller does that at each
    request. Raises ``ValueError`` for any other header and ``TokenError`` for a token that this
    site has not signed.
    """
    scheme, _, raw_token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise ValueError("Not a bearer token.")
    token = _signed(raw_token.encode())
    return *claims(token), float(token["exp"])


def caller(request: Request) -> User:
    """Return the person who makes this API call; for views that require authentication."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the permission classes have seen to it
    return user


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the bearer token in the OpenAPI document."""

    target_class = TokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the security scheme as OpenAPI describes it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
