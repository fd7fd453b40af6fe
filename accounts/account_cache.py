"""What is cached of people, and what a change of them makes invalid.

Each reading function has its invalidating one (``invalidate_…``) beside it; verbs call that
inside the transaction that changes what was read. Without Redis the readers ask the database, and
invalidation is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import Block, User
from minigram_site.cache import (
    Built,
    Entry,
    Region,
    Writer,
    current_lease,
    get_or_build,
    invalidate,
    invalidate_many,
)
from minigram_site.db import fetch_compiled, on_primary, require_after_commit, set_user

# Kept while the person is active, read again after a quarter of an hour at the latest.
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
    "language",
    "filtered_words",
    "auth_version",
}
ACCOUNT_FIELDS = [field.attname for field in User._meta.concrete_fields if field.attname in _KNOWN]
# The dependency that every end of a suspension invalidates: feeds lack that author's photos.
RESTORED = "restored"
# The columns of JSON, which the database gives as text.
_JSON = [ACCOUNT_FIELDS.index(name) for name in ("avatar", "filtered_words")]


def account_dependency(user_id: int) -> str:
    """Return the dependency on an account: profile, avatar, visibility, password, suspension."""
    return f"u:{user_id}"


def shown_dependency(author_id: int) -> str:
    """Return the dependency on what pages of photos show of an author, and of all their photos.

    One name for what would be two of each photo: hits look up names, and changes of it are rare.
    """
    return f"s:{author_id}"


def blocks_dependency(user_id: int) -> str:
    """Return the dependency on a person's blocks, given and received."""
    return f"b:{user_id}"


def relation_leaf(viewer_id: int, user_id: int) -> str:
    """Return the leaf with follows, requests and blocks between two people, for ``viewer_id``."""
    return f"x:{viewer_id}:{user_id}"


def session_dependency(session_id: int) -> str:
    """Return the dependency on an API session: whether it goes on."""
    return f"j:{session_id}"


def numbers_leaf(user_id: int) -> str:
    """Return the leaf with a person's counts of photos, followers and followed."""
    return f"m:{user_id}"


# ---------------------------------------------------------------- the person of a request
def account(user_id: int) -> User | None:
    """Return the active person with this id, or ``None``. One query, none if it is cached."""
    set_user(user_id)
    if current_lease() is None:
        with on_primary():
            rows = fetch_compiled(("account",), _account, [user_id])
        return _user(list(rows[0])) if rows else None
    return account_in(
        get_or_build(ACCOUNT, account_key(user_id), lambda writer: _read_account(writer, user_id))
    )


def account_with_session_hash(user_id: int) -> User | None:
    """Return the active person with this id, or ``None``, for a session to be checked against.

    One query, none if it is cached.
    """
    if current_lease() is not None:
        return account(user_id)
    set_user(user_id)
    with on_primary():
        rows = fetch_compiled(("account and password",), account_and_password, [user_id])
    return user_with_password(rows[0]) if rows else None


def account_of_session(user_id: int, session_id: int) -> User | None:
    """Return the active person with this API session, or ``None``. One query, none if cached."""
    set_user(user_id)
    if current_lease() is None:
        with on_primary():
            rows = fetch_compiled(("of session",), _account_of_session, [user_id, session_id])
        return _user(list(rows[0])) if rows else None
    return account_in(_entry_of_session(user_id, session_id))


def auth_version_of_session(user_id: int, session_id: int) -> int | None:
    """Return the ``auth_version`` of the active person with this API session, or ``None``.

    One query, none if it is cached.
    """
    found = _entry_of_session(user_id, session_id)
    return auth_version_in(found) if found.body else None


def _entry_of_session(user_id: int, session_id: int) -> Entry:
    key = account_key(user_id, session_id)
    return get_or_build(ACCOUNT, key, lambda writer: _read_account(writer, user_id, session_id))


def of_session(user_id: int, session_id: int) -> QuerySet[User]:
    """Return the query for the active person with this API session: one row, or none."""
    return User.objects.filter(pk=user_id, is_active=True, api_sessions=session_id)


def account_key(user_id: int, session_id: int = 0) -> str:
    """Return the key of an account's entry, as it was read with an API session or without.

    Another ``SECRET_KEY``, or other former ones that are accepted, make another key.
    """
    signing = _signing(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return f"{user_id}:{session_id}:{signing}"


def account_in(found: Entry) -> User | None:
    """Return the person in an entry of region ``ACCOUNT``; ``None`` for an empty one."""
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


def invalidate_account(user_id: int, *further: str) -> None:
    """Invalidate a person's account and every entry that shows them, and ``further`` names."""
    require_after_commit()
    invalidate(account_dependency(user_id), shown_dependency(user_id), *further)


def invalidate_session(session_id: int) -> None:
    """Invalidate the account as it was read with an API session, which ends."""
    invalidate(session_dependency(session_id))


def invalidate_restored(user_id: int) -> None:
    """Invalidate a person's account and all feeds: a suspension ends."""
    require_after_commit()
    invalidate(account_dependency(user_id), shown_dependency(user_id), RESTORED)


# ---------------------------------------------------------------- blocks
def blocked_around(user_id: int) -> frozenset[int]:
    """Return the ids of those a person blocks or is blocked by. One query, none if cached."""
    return blocks_in(
        get_or_build(BLOCKS, str(user_id), lambda writer: read_blocks(writer, user_id))
    )


def blocks_in(found: Entry) -> frozenset[int]:
    """Return the ids in an entry of region ``BLOCKS``."""
    return frozenset(orjson.loads(found.body))


def read_blocks(writer: Writer, user_id: int) -> bytes:
    """Return a person's blocks as the JSON of an entry, and keep it. One query."""
    name = blocks_dependency(user_id)
    writer.depends_on(name)
    pairs = Block.objects.filter(Q(blocker=user_id) | Q(blocked=user_id))
    rows = pairs.values_list("blocker", "blocked")
    body = orjson.dumps([one if other == user_id else other for one, other in rows])
    writer.store(BLOCKS, str(user_id), body, [name])
    return body


def no_blocks(user_id: int) -> Built:
    """Return the entry of region ``BLOCKS`` for somebody who neither blocks nor is blocked."""
    return Built(BLOCKS, str(user_id), b"[]", [blocks_dependency(user_id)])


def invalidate_blocks(one: int, other: int) -> None:
    """Invalidate what a block between two people changes: blocks, relation, both counts.

    Feeds depend on the blocks of their owner, so those of the two are invalid as well.
    """
    require_after_commit(one, other)
    invalidate(
        blocks_dependency(one),
        blocks_dependency(other),
        *relation_leaves(one, other),
    )


def invalidate_mute(muter_id: int, muted_id: int, *further: str) -> None:
    """Invalidate what a mute changes: the relation as the muter sees it, and ``further`` names."""
    require_after_commit(muter_id)
    invalidate(relation_leaf(muter_id, muted_id), *further)


# ---------------------------------------------------------------- relations and numbers
def relation_leaves(one: int, other: int) -> list[str]:
    """Return the leaves that a follow or request between two people changes, counts included."""
    return [*_relations(one, other), numbers_leaf(one), numbers_leaf(other)]


def invalidate_relation(one: int, other: int, *further: str) -> None:
    """Invalidate the relation of two people and their counts, and ``further`` names."""
    require_after_commit(one, other)
    invalidate(*relation_leaves(one, other), *further)


def invalidate_numbers(user_ids: Iterable[int]) -> None:
    """Invalidate the counts of these people."""
    invalidate_many(map(numbers_leaf, user_ids))


def _relations(one: int, other: int) -> tuple[str, str]:
    return relation_leaf(one, other), relation_leaf(other, one)


def _read_account(writer: Writer, user_id: int, session_id: int = 0) -> bytes | None:
    names = [account_dependency(user_id)]
    if session_id:
        names.append(session_dependency(session_id))
    writer.depends_on(*names)
    with on_primary():
        rows = (
            fetch_compiled(("of session, password",), _password_too, [user_id, session_id])
            if session_id
            else fetch_compiled(("account and password",), account_and_password, [user_id])
        )
    if not rows:
        return None
    user = user_with_password(rows[0])
    values = list(rows[0][:-1])
    for place in _JSON:
        values[place] = getattr(user, ACCOUNT_FIELDS[place])
    body = orjson.dumps([*values, user.get_session_auth_hash()])
    writer.store(ACCOUNT, account_key(user_id, session_id), body, names)
    return body


def user_with_password(row: tuple[Any, ...]) -> User:
    """Return the person in a row of ``account_and_password``. No query."""
    *values, password = row
    user = _user(values)
    user.password = password
    return user


def _user(values: list[Any]) -> User:
    for place in _JSON:
        if isinstance(values[place], str):
            values[place] = orjson.loads(values[place])
    return User.from_db(DEFAULT_DB_ALIAS, ACCOUNT_FIELDS, values)


def _account(user_id: int) -> QuerySet[User, Any]:
    return User.objects.filter(pk=user_id, is_active=True).values_list(*ACCOUNT_FIELDS)


def account_and_password(user_id: int) -> QuerySet[User, Any]:
    """Return the query for an active person and the hash of their password: one row, or none."""
    active = User.objects.filter(pk=user_id, is_active=True)
    return active.values_list(*ACCOUNT_FIELDS, "password")


def _account_of_session(user_id: int, session_id: int) -> QuerySet[User, Any]:
    return of_session(user_id, session_id).values_list(*ACCOUNT_FIELDS)


def _password_too(user_id: int, session_id: int) -> QuerySet[User, Any]:
    return of_session(user_id, session_id).values_list(*ACCOUNT_FIELDS, "password")


@lru_cache(maxsize=2)
def _signing(*secrets: str) -> str:
    """Return eight characters of a keyed hash, which differ from secrets to other secrets."""
    secret = "\n".join(secrets)
    return salted_hmac("accounts.account_cache", "", secret=secret).hexdigest()[:8]
