"""Who is calling the API: the person behind a bearer token."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.tokens import Token

from accounts.api.tokens import current_user
from accounts.models import User


class TokenAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``, checked against the account on every request."""

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        """Return the token's person; 401 if suspended, deleted or logged out. One query."""
        user = current_user(validated_token)
        if user is None:
            raise AuthenticationFailed("This session has ended: log in again.", "token_not_valid")
        return user


def caller(request: Request) -> User:
    """Return the person who makes this API call; for views that let nobody else in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the permission classes have seen to it
    return user


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the bearer token in the OpenAPI document."""

    target_class = TokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return OpenAPI's words for it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
