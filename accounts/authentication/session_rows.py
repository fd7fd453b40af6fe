"""Who a browser's session belongs to, told from its row: for requests answered before Django.

``django.contrib.auth.get_user`` loads the session, then the person, then compares the two. Here a
caller reads both with a statement of its own and has them compared.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.sessions import SessionStore
from minigram_site.fields.snowflake import parse_id
from minigram_site.memory_cache import remember_short

_OURS = re.compile(r"[a-z0-9]{32}")


class SessionOwner(NamedTuple):
    """The person that a session names, and the session hash it was made with."""

    user_id: int
    session_hash: str


NOBODY = SessionOwner(0, "")


def session_key_in(cookies: str) -> str:
    """Return the key of the session in a ``Cookie`` header; empty without a possible one."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "") if cookies else ""
    return key if _OURS.fullmatch(key) else ""


@remember_short(entries=4096, longest=2000)
def owner_in(session_data: str) -> SessionOwner:
    """Return whom the data of a session's row name; ``NOBODY`` if they are not ours. No query."""
    session = SessionStore().decode(session_data)
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return NOBODY
    user_id = parse_id(str(session.get(SESSION_KEY))) or 0
    return SessionOwner(user_id, str(session.get(HASH_SESSION_KEY, "")))


def contents_of(session_data: str) -> dict[str, Any]:
    """Return what the data of a session's row hold, as ``SessionStore.load`` does. No query."""
    contents: dict[str, Any] = orjson.loads(_as_json(session_data))
    return contents


@remember_short(entries=4096, longest=2000)
def _as_json(session_data: str) -> bytes:
    return orjson.dumps(SessionStore().decode(session_data))


def confirms(password: str, auth_version: int, owner: SessionOwner) -> bool:
    """Return whether an account, with this password and version, confirms its session. No query.

    Also one made under a former secret key.
    """
    known = _session_hashes(password, auth_version)
    return any(constant_time_compare(one, owner.session_hash) for one in known)


def is_up_to_date(password: str, auth_version: int, owner: SessionOwner) -> bool:
    """Return whether a session is confirmed (``confirms``) under the present key. No query."""
    return constant_time_compare(_session_hashes(password, auth_version)[0], owner.session_hash)


@lru_cache(maxsize=4096)
def _session_hashes(password: str, auth_version: int) -> list[str]:
    user = User(password=password, auth_version=auth_version)
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
