"""The member behind the session of a page, by one statement, or by one look into the cache.

Django loads the session, then the person it names, and compares the two. Whom a session belongs to
does not change, so this process remembers it, asks for both at once and compares as Django does.
Whatever does not fit is asked for in Django's way, which also ends a session that is no longer
good.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts import account_cache
from accounts.authentication.session_rows import (
    SessionOwner,
    contents_of,
    is_up_to_date,
    owner_in,
)
from accounts.models import User
from accounts.sessions import SESSION, session_row
from minigram_site.cache import HIT, claim, current_lease
from minigram_site.db import compiled_sql, fetch_prepared, on_primary, primary_alias, set_user
from minigram_site.fields.snowflake import parse_id
from minigram_site.memory_cache import BoundedCache

_BYTES_OF_ONE = 250
# Whom a session belonged to when this process saw it last, by its key: 8,000 of them.
_last_owner: BoundedCache[str, int] = BoundedCache(2_000_000, lambda _: _BYTES_OF_ONE)

_STATEMENT = """
SELECT session.session_data, account.*
FROM ({session}) session LEFT JOIN ({account}) account ON TRUE
"""


class MemberMiddleware(AuthenticationMiddleware):
    """Django's middleware, which asks for session and person together where it can."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request a ``user``, who is looked up when they are asked for."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _looked_up(request))  # type: ignore[assignment]


def _looked_up(request: Any) -> User | AnonymousUser:
    """Return the person of a request, whom its views and templates get themselves from now on.

    Through Django's lazy object each look at them costs four calls, and a page takes two hundred.
    """
    user = request.user = _member_of(request)
    return user


def _member_of(request: Any) -> User | AnonymousUser:
    """Return the person of a request. One query, none if cached; up to three if not remembered."""
    if not hasattr(request, "_cached_user"):
        found = _found_together(request.session)
        if found is not None:
            request._cached_user = found
            return found
    if settings.SECRET_KEY_FALLBACKS:
        _renew_hash(request.session)
    user: User | AnonymousUser = get_user(request)
    if user.pk and request.session.session_key:
        _last_owner.put(request.session.session_key, user.pk)
    return user


def _renew_hash(session: Any) -> None:
    """Put a session hash made under a former secret key under the present one, in its place.

    Django does that too, and gives the session another key meanwhile: then whatever else the
    browser has asked for in that moment finds no session, and the answer deletes the cookie. One
    query, none if cached.
    """
    held = str(session.get(HASH_SESSION_KEY, ""))
    user = account_cache.account_with_session_hash(parse_id(str(session.get(SESSION_KEY))) or 0)
    if user is None or constant_time_compare(held, user.get_session_auth_hash()):
        return
    if user.has_session_hash(held):
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def _found_together(session: Any) -> User | None:
    """Return the person of a session that is good, ``None`` where Django has to look."""
    key = session.session_key
    user_id = _last_owner.get(key) if key and not hasattr(session, "_session_cache") else None
    if user_id is None:
        return None
    found = _from_database(key, user_id) if current_lease() is None else _from_cache(key, user_id)
    if found is None:
        return None
    session_data, user = found
    owner = owner_in(session_data)
    if owner.user_id != user.pk or not _is_confirmed(user, owner):
        return None
    # Django's attribute: the session is loaded.
    session._session_cache = contents_of(session_data)
    session.accessed = True
    set_user(user.pk)
    return user


def _is_confirmed(user: User, owner: SessionOwner) -> bool:
    """Return whether the account, as it is now, confirms the session under the present key."""
    if "password" in user.__dict__:
        return is_up_to_date(user.password, user.auth_version, owner)
    return constant_time_compare(user.get_session_auth_hash(), owner.session_hash)


def _from_database(key: str, user_id: int) -> tuple[str, User] | None:
    """Return the data of a session and an active person, if there are both. One query."""
    with on_primary():
        alias = primary_alias()
        if connections[alias].vendor != "postgresql":
            return None
        rows = fetch_prepared(alias, _statement(), (key, user_id))
    if not rows or rows[0][1] is None:
        return None
    return rows[0][0], account_cache.user_with_password(rows[0][1:])


def _from_cache(key: str, user_id: int) -> tuple[str, User] | None:
    """Return the data of a session and an active person, if both are cached. One round trip."""
    lease = current_lease()
    entries = [(SESSION, key), (account_cache.ACCOUNT, account_cache.account_key(user_id))]
    claimed = claim(lease, entries, locks=False) if lease else None
    if claimed is None:
        return None
    found = claimed.found[:2]
    if any(entry.state != HIT or not entry.body for entry in found):
        return None
    expiry, session_data = orjson.loads(found[0].body)
    user = account_cache.account_in(found[1])
    if expiry <= time.time() or user is None:
        return None
    for region, _ in entries:
        region.count("hit")
    return session_data, user


@cache
def _statement() -> str:
    return _STATEMENT.strip().format(
        session=compiled_sql(session_row, ["$1::varchar"]),
        account=compiled_sql(account_cache.account_and_password, ["$2::bigint"]),
    )
