"""What is cached of people, and what a change of them makes invalid.

Beside each lease function stands the one that forgets; verbs call it inside the transaction
that changes what was read. Without Redis the readers ask the database, and forgetting is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import Block, User
from minigram_site.cache import (
    Entry,
    Region,
    Writer,
    current_lease,
    get_or_build,
    invalidate,
    invalidate_many,
)
from minigram_site.db import fetch_compiled, on_primary, require_after_commit, set_user

# Kept while somebody is there, made anew a quarter of an hour later at the latest.
ACCOUNT = Region("account", soft_ttl=900, hard_ttl=60, sliding=True)
BLOCKS = Region("blocks", soft_ttl=900, hard_ttl=300)

# What a request needs to know of its person, in the model's order; the password and the rest are
# read when asked for.
_KNOWN = {
    "id",
    "username",
    "email",
    "display_name",
    "bio",
    "website",
    "avatar",
    "is_private",
    "is_active",
    "is_staff",
    "auth_version",
}
ACCOUNT_FIELDS = [field.attname for field in User._meta.concrete_fields if field.attname in _KNOWN]
# The name of "nobody was restored from a suspension since": feeds that lack their photos show it.
RESTORED = "restored"
_AVATAR = ACCOUNT_FIELDS.index("avatar")


def person_version(user_id: int) -> str:
    """Return the name of a person's account: profile, avatar, visibility, password, suspension."""
    return f"u:{user_id}"


def blocks_version(user_id: int) -> str:
    """Return the name of whom a person blocks and who blocks them."""
    return f"b:{user_id}"


def relation_leaf(viewer_id: int, user_id: int) -> str:
    """Return the name of what stands between two people, as ``viewer`` sees it."""
    return f"x:{viewer_id}:{user_id}"


def numbers_leaf(user_id: int) -> str:
    """Return the name of a person's counts of photos, followers and followed."""
    return f"m:{user_id}"


# ---------------------------------------------------------------- the person of a request
def account(user_id: int) -> User | None:
    """Return the active person behind a session or token. One query, or none if it is cached."""
    set_user(user_id)
    if current_lease() is None:
        with on_primary():
            rows = fetch_compiled(("account",), _account, [user_id])
        return _user(list(rows[0])) if rows else None
    return account_in(
        get_or_build(ACCOUNT, account_key(user_id), lambda writer: _read_account(writer, user_id))
    )


def account_key(user_id: int) -> str:
    """Return the key of the account in the cache; it knows what signs sessions."""
    return f"{user_id}:{_signing(settings.SECRET_KEY)}"


def account_in(found: Entry) -> User | None:
    """Return the person in an entry of region ``ACCOUNT``."""
    if not found.body:
        return None
    *values, session_hash = orjson.loads(found.body)
    user = _user(values)
    user.remember_session_hash(session_hash)
    return user


def auth_version_in(found: Entry) -> int:
    """Return the ``auth_version`` in an entry of region ``ACCOUNT``: what a token must carry."""
    # The last but one: parsing all of it costs more than the rest of a cached answer's check.
    return int(found.body.rsplit(b",", 2)[1])


def invalidate_account(user_id: int) -> None:
    """Say that somebody's account changes: they are asked for anew, with all that shows them."""
    invalidate(person_version(user_id))
    require_after_commit()


def invalidate_restored(user_id: int) -> None:
    """Say that somebody who was hidden everywhere is shown again."""
    require_after_commit()
    invalidate(person_version(user_id), RESTORED)


# ---------------------------------------------------------------- blocks
def blocked_around(user_id: int) -> frozenset[int]:
    """Return who is blocked by a person or blocks them. One query, or none if it is cached."""
    return blocks_in(
        get_or_build(BLOCKS, str(user_id), lambda writer: read_blocks(writer, user_id))
    )


def blocks_in(found: Entry) -> frozenset[int]:
    """Return the people in an entry of region ``BLOCKS``."""
    return frozenset(orjson.loads(found.body))


def read_blocks(writer: Writer, user_id: int) -> bytes:
    """Read and keep who is blocked around a person."""
    name = blocks_version(user_id)
    writer.depends_on(name)
    pairs = Block.objects.filter(Q(blocker=user_id) | Q(blocked=user_id))
    rows = pairs.values_list("blocker", "blocked")
    body = orjson.dumps([one if other == user_id else other for one, other in rows])
    writer.store(BLOCKS, str(user_id), body, [name])
    return body


def invalidate_blocks(one: int, other: int) -> None:
    """Say that a block between two people begins or ends."""
    require_after_commit(one, other)
    invalidate(blocks_version(one), blocks_version(other), *_relations(one, other))


# ---------------------------------------------------------------- relations and numbers
def invalidate_relation(one: int, other: int) -> None:
    """Say that a follow or a request between two people begins or ends, with their counts."""
    require_after_commit(one, other)
    invalidate(*_relations(one, other), numbers_leaf(one), numbers_leaf(other))


def invalidate_numbers(user_ids: Iterable[int]) -> None:
    """Say that the counts of these people change."""
    invalidate_many(map(numbers_leaf, user_ids))


def _relations(one: int, other: int) -> tuple[str, str]:
    return relation_leaf(one, other), relation_leaf(other, one)


def _read_account(writer: Writer, user_id: int) -> bytes | None:
    name = person_version(user_id)
    writer.depends_on(name)
    with on_primary():
        rows = fetch_compiled(("account and password",), _account_and_password, [user_id])
    if not rows:
        return None
    *values, password = rows[0]
    user = _user(list(values))
    user.password = password
    values[_AVATAR] = user.avatar
    body = orjson.dumps([*values, user.get_session_auth_hash()])
    writer.store(ACCOUNT, account_key(user_id), body, [name])
    return body


def _user(values: list[Any]) -> User:
    if isinstance(values[_AVATAR], str):
        values[_AVATAR] = orjson.loads(values[_AVATAR])
    return User.from_db("default", ACCOUNT_FIELDS, values)


def _account(user_id: int) -> QuerySet[User, Any]:
    return User.objects.filter(pk=user_id, is_active=True).values_list(*ACCOUNT_FIELDS)


def _account_and_password(user_id: int) -> QuerySet[User, Any]:
    active = User.objects.filter(pk=user_id, is_active=True)
    return active.values_list(*ACCOUNT_FIELDS, "password")


@lru_cache(maxsize=2)
def _signing(secret: str) -> str:
    """Return a few characters that differ from secret to secret and tell nothing of it."""
    return salted_hmac("accounts.account_cache", "", secret=secret).hexdigest()[:8]
