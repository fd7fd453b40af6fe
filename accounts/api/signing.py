"""The keys of tokens: the first of ``SECRET_KEY`` signs, and the others are accepted as well.

So the key can be replaced while everybody stays logged in (docs/operations.md). Which key has
signed is found by trying, 5 µs each: a name of it in the token would be chosen by whoever made the
token. The algorithm is never chosen by a token, either.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings


class RotatingBackend(TokenBackend):
    """simplejwt's backend, which also accepts what former keys have signed."""

    def __init__(self, signing_key: str, *former_keys: str) -> None:
        """Take the key that signs, and those that are accepted beside it."""
        super().__init__(api_settings.ALGORITHM, signing_key)
        self._former = [TokenBackend(api_settings.ALGORITHM, key) for key in former_keys]

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return what a token holds.

        Raises ``TokenBackendExpiredToken`` for one that has expired, ``TokenBackendError`` for one
        that no key of the site has signed.
        """
        try:
            return super().decode(token, verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            for backend in self._former:
                try:
                    return backend.decode(token, verify)
                except TokenBackendExpiredToken:
                    raise
                except TokenBackendError:
                    continue
            raise


class AccessToken(tokens.AccessToken):
    """A token that calls are made with."""

    def get_token_backend(self) -> TokenBackend:
        """Return what signs and verifies it."""
        return backend()


class RefreshToken(tokens.RefreshToken):
    """A token that gets another pair."""

    access_token_class = AccessToken

    def get_token_backend(self) -> TokenBackend:
        """Return what signs and verifies it."""
        return backend()


def backend() -> RotatingBackend:
    """Return what signs and verifies tokens, under the keys as they are set now."""
    return _backend(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=2)
def _backend(*keys: str) -> RotatingBackend:
    return RotatingBackend(*keys)
