"""The lean check: which file of a private photo a request is sent, in one statement.

The visibility rule, and whether the account confirms its token or session, are asked together.
There is no second rule: the ORM writes the statement once, from the querysets that Django's way
uses (``photos.files.views``).
"""

from __future__ import annotations

import time
from typing import Any

import orjson
from django.db.models import QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api.authentication import bearer
from accounts.api.tokens import auth_version_of
from accounts.authentication import session_rows
from accounts.authentication.session_rows import NOBODY
from accounts.doors.site import site_settings
from accounts.models import User
from accounts.sessions import session_row
from minigram_site.db import fetch_hot, on_primary
from photos.models import Photo

MAX_SESSIONS = 10_000
# JSON as text: a database driver might decode it.
_SHOWN = (
    "unshared",
    Cast("renditions", TextField()),
    "preview",
    Cast("more", TextField()),
)

# Whom a session belonged to when this process saw it last: asked for at once, and compared.
_last_owner: dict[str, int] = {}


def private_file(authorization: str, cookies: str, photo_id: int, file_name: str) -> str | None:
    """Return the storage name of a private photo's file if the sender of a request may see it.

    ``authorization`` and ``cookies`` are headers; the first wins. ``None`` for everything that is
    not certain here, photos that everybody may see included: Django decides, unless the site is for
    members only. One query on the primary, one more for a session that this process sees for the
    first time.
    """
    with on_primary():
        if authorization:
            shown = _by_token(authorization, photo_id)
        else:
            shown = _by_session(session_rows.session_key_in(cookies), photo_id)
    if shown is None or not (shown[0] or site_settings().members_only):
        return None
    return _named(file_name, *shown[1:])


def _by_token(authorization: str, photo_id: int) -> tuple[Any, ...] | None:
    try:
        user_id, version, session_id, expiry = bearer(authorization)
    except (ValueError, TokenError):
        return None
    if expiry <= time.time():
        return None
    rows = fetch_hot(_seen_by_token, [user_id, session_id, photo_id])
    return rows[0][1:] if rows and rows[0][0] == version else None


def _by_session(key: str, photo_id: int) -> tuple[Any, ...] | None:
    if not key:
        return None
    user_id = _last_owner.get(key) or _remember_owner(key)
    if not user_id:
        return None
    rows = fetch_hot(_seen_by_session, [user_id, photo_id, key])
    if not rows:
        return None
    session_data, password, version, *shown = rows[0]
    owner = session_rows.owner_in(session_data) if session_data else NOBODY
    if owner.user_id != user_id:
        _last_owner.pop(key, None)
        return None
    confirmed = password and session_rows.confirms(password, version, owner)
    return tuple(shown) if confirmed else None


def _remember_owner(key: str) -> int:
    """Return the id of the person that a session names, 0 without one. One query."""
    rows = fetch_hot(session_row, [key])
    owner = session_rows.owner_in(rows[0][0]) if rows else NOBODY
    if owner.user_id:
        if len(_last_owner) >= MAX_SESSIONS:
            _last_owner.clear()
        _last_owner[key] = owner.user_id
    return owner.user_id


def _named(file_name: str, renditions: str, preview: str, more: str) -> str | None:
    pictures = [{"renditions": orjson.loads(renditions), "preview": preview}, *orjson.loads(more)]
    for picture in pictures:
        for name in (*(name for _, _, name in picture["renditions"]), picture["preview"]):
            if name.rpartition("/")[2] == file_name:
                return str(name)
    return None


def _seen_by_token(user_id: int, session_id: int, photo_id: int) -> QuerySet[Photo, Any]:
    version = Subquery(auth_version_of(user_id, session_id))
    seen = Photo.objects.visible_to(User(pk=user_id)).filter(pk=photo_id)
    return seen.with_unshared().annotate(version=version).values_list("version", *_SHOWN)


def _seen_by_session(user_id: int, photo_id: int, session_key: str) -> QuerySet[Photo, Any]:
    account = User.objects.filter(pk=user_id, is_active=True)
    seen = Photo.objects.visible_to(User(pk=user_id)).filter(pk=photo_id)
    return (
        seen.with_unshared()
        .annotate(
            session=Subquery(session_row(session_key)),
            password=Subquery(account.values("password")),
            version=Subquery(account.values("auth_version")),
        )
        .values_list("session", "password", "version", *_SHOWN)
    )
