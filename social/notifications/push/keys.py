"""The key pair by which push services know this site (VAPID, RFC 8292).

It is derived from ``SECRET_KEY``: the same on all instances, and nothing more to make, keep or
lose. Under another secret key the devices are asked again (docs/adr/0038-web-push.md).
"""

from __future__ import annotations

import base64
import time
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

# The number of points of the curve P-256 (FIPS 186-5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Push services accept up to a day.
TOKEN_SECONDS = 12 * 3600


def is_available() -> bool:
    """Return whether this site can send pushes.

    It has the libraries (the extra ``push``), a worker, and an address that browsers allow it for.
    """
    return bool(settings.BACKGROUND_WORKER and _is_installed() and _is_secure(settings.SITE_URL))


def public_key() -> str:
    """Return the public key as browsers take it: base64url, without padding."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _private_key(settings.SECRET_KEY).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def authorization(endpoint: str) -> str:
    """Return the ``Authorization`` header of a message to an address of a push service."""
    from py_vapid import Vapid02

    service = urlsplit(endpoint)
    # The library adds to what it is given.
    claims = {
        "aud": f"{service.scheme}://{service.netloc}",
        "sub": settings.SITE_URL,
        "exp": int(time.time()) + TOKEN_SECONDS,
    }
    signed: dict[str, str] = Vapid02(_private_key(settings.SECRET_KEY)).sign(claims)
    return signed["Authorization"]


@cache
def _private_key(secret: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    digest = salted_hmac("social.notifications.push", "vapid", secret, algorithm="sha512").digest()
    number = int.from_bytes(digest, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


@cache
def _is_installed() -> bool:
    return find_spec("pywebpush") is not None


def _is_secure(address: str) -> bool:
    """Tell whether browsers let scripts of this address have a service worker."""
    site = urlsplit(address)
    return site.scheme == "https" or site.hostname in {"localhost", "127.0.0.1", "::1"}
