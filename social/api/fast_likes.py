"""Likes and their end in one statement, for ``social.api.fast_writes``.

On PostgreSQL the write is the one statement of ``photos.services.change_like``, and which likes it
may change is composed of the SQL that the ordinary path uses: the account behind the token
(``accounts.api.tokens``), and the visibility rule with what the photo shows (``photos.cards``).
Without a cache the statement is a transaction by itself; with one it stands in a transaction that
marks what it invalidates before the commit. SQLite is asked by the ordinary verbs.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from django.db import transaction

from accounts.api import tokens
from accounts.models import User
from minigram_site.cache import is_configured
from minigram_site.db import compiled_sql
from photos import cards, permissions, services
from social.feed.fast_reads import Caller, NotOnFastPath, is_postgresql, require_account

_ALLOWED = """
SELECT $1::bigint, $2::bigint, shown.liked, shown.like_count
FROM ({shown}) shown(id, liked, like_count, comment_count, counts_are_shared),
    ({account}) account(auth_version)
WHERE account.auth_version = $5::bigint AND shown.counts_are_shared
"""


def change_like(caller: Caller, photo_id: int, *, liked: bool) -> tuple[bool, int]:
    """Give or take back the like; return whether the caller likes the photo, and how many do.

    One statement, three with a cache. Raises ``NotOnFastPath`` if the account does not confirm the
    token or may not see the photo, ``Http404`` instead of the latter on SQLite, and Django's
    database errors.
    """
    if not is_postgresql():
        return _by_verbs(caller, photo_id, liked=liked)
    with _transaction():
        change = services.change_like(
            caller.id,
            photo_id,
            liked=liked,
            allowed=_allowed(),
            further=(caller.session, caller.version),
        )
    if change is None:
        raise NotOnFastPath
    if change.like_count is not None:
        return liked, change.like_count
    if change.was_liked == liked and change.former_count is not None:
        return liked, change.former_count
    # Another request of this person did it at the same time.
    return _shown(caller, photo_id)


def _by_verbs(caller: Caller, photo_id: int, *, liked: bool) -> tuple[bool, int]:
    require_account(caller)
    user = User(pk=caller.id)
    permissions.require_visible(user, photo_id)
    (services.like if liked else services.unlike)(user=user, photo_id=photo_id)
    return _shown(caller, photo_id)


def _shown(caller: Caller, photo_id: int) -> tuple[bool, int]:
    found = cards.likes_of(photo_id, User(pk=caller.id))
    if found is None:
        raise NotOnFastPath
    return found


def _transaction() -> AbstractContextManager[Any]:
    """Return a transaction, where one statement is not enough: an invalidation belongs into it."""
    return transaction.atomic() if is_configured() else nullcontext()


@cache
def _allowed() -> str:
    return _ALLOWED.strip().format(
        shown=compiled_sql(cards.likes_query, ["$1::bigint", "$2::bigint"]),
        account=compiled_sql(tokens.auth_version_of, ["$1::bigint", "$4::bigint"]),
    )
