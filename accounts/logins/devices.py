"""Which browsers somebody has logged in with before: a signed cookie in each tells.

It holds a keyed hash for each of the last people, which says nothing to whoever reads it.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from accounts.models import User

COOKIE = "known"
_SALT = "accounts.logins.devices"
_KEPT_FOR = timedelta(days=400)
# People who share a browser.
_MOST = 8


def knows(request: HttpRequest, user: User) -> bool:
    """Return whether ``user`` has logged in with this browser before. No query."""
    marks = _marks(request)
    return any(_mark(user, key) in marks for key in (None, *settings.SECRET_KEY_FALLBACKS))


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Have the browser remember that ``user`` has logged in with it. No query."""
    keys = (None, *settings.SECRET_KEY_FALLBACKS)
    own = {_mark(user, key) for key in keys}
    others = [mark for mark in _marks(request) if mark not in own]
    response.set_cookie(
        COOKIE,
        signing.dumps([_mark(user), *others][:_MOST], salt=_SALT),
        max_age=_KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> list[str]:
    try:
        marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_KEPT_FOR)
    except (signing.BadSignature, ValueError):
        return []
    return list(marks) if isinstance(marks, list) else []


def _mark(user: User, secret: str | bytes | None = None) -> str:
    hashed = salted_hmac(_SALT, str(user.pk), secret=secret, algorithm="sha256")
    return hashed.hexdigest()[:16]
