"""Sealing: secrets that the site has to read again, kept encrypted under ``SECRET_KEY``.

A copy of the database alone tells none of them. The key is derived (HKDF), so that it is no use
elsewhere; secrets sealed under one of ``SECRET_KEY_FALLBACKS`` can be read.
"""

from __future__ import annotations

import base64
import logging
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

logger = logging.getLogger(__name__)


def seal(text: str) -> str:
    """Return ``text``, encrypted and signed under the secret key. No query."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed, ``None`` (and a line in the log) if no key of the site opens it.

    No query.
    """
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        # One line: the traceback tells nothing.
        logger.error("A sealed secret cannot be read: another SECRET_KEY?")  # noqa: TRY400
        return None


def sealed_anew(sealed: str) -> str | None:
    """Return what was sealed under a former key, sealed under the present one. No query.

    ``None`` where nothing has to change: it is under the present key, or no key opens it.
    """
    try:
        _fernet_of(settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        text = unseal(sealed)
        return None if text is None else seal(text)
    return None


def _fernet() -> MultiFernet:
    return _fernet_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _fernet_of(*secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.factors.sealing")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
