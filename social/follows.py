"""Verbs between people: follow, ask, accept, block. Pages and API call these.

Every verb locks the counter rows of the two people first, smaller id first (so that two verbs
cannot deadlock), and changes them last. On PostgreSQL its statements are prepared ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext

from accounts import account_cache
from accounts.models import Block, Follow, FollowRequest, User, UserStats
from minigram_site.db import (
    compiled_sql,
    fetch_compiled,
    fetch_prepared,
    insert_or_ignore,
    run_prepared,
)
from minigram_site.storage import public_links
from photos.conversation.tag_cache import PUBLISHED
from social import feed
from social.notifications import inbox, statements, telling
from social.notifications.kinds import Kind

FollowState = Literal["following", "requested"]

_COUNT = """
UPDATE accounts_userstats SET
    following_count = following_count + CASE WHEN user_id = %(follower)s
        AND EXISTS (SELECT 1 FROM accounts_user WHERE id = %(followee)s AND is_active)
        THEN %(change)s ELSE 0 END,
    follower_count = follower_count + CASE WHEN user_id = %(followee)s
        AND EXISTS (SELECT 1 FROM accounts_user WHERE id = %(follower)s AND is_active)
        THEN %(change)s ELSE 0 END,
    suspended_follower_count = suspended_follower_count + CASE WHEN user_id = %(followee)s
        AND NOT EXISTS (SELECT 1 FROM accounts_user WHERE id = %(follower)s AND is_active)
        THEN %(change)s ELSE 0 END
WHERE user_id IN (%(follower)s, %(followee)s)
"""
# A follow, both counters, and who is told of it; nothing if the follow is there.
_INSERT_AND_COUNT = """
WITH written AS (
    INSERT INTO accounts_follow (id, follower_id, followee_id)
    VALUES ($3::bigint, $1::bigint, $2::bigint)
    ON CONFLICT (follower_id, followee_id) DO NOTHING RETURNING id){further}
{count} AND EXISTS (SELECT 1 FROM written)
"""
_PLACES = {"follower": "$1::bigint", "followee": "$2::bigint", "change": "1"}


class CannotFollow(ValueError):
    """Two people cannot be connected; the message says why, ``code`` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(message)
        self.code = code


@transaction.atomic
def follow(*, follower: User, followee: User) -> FollowState:
    """Follow a person, or ask to if the account is private; repeated, it changes nothing.

    Returns which of the two it is. Raises ``CannotFollow`` for oneself and across a block, and
    ``User.DoesNotExist`` if either account was deleted meanwhile.
    """
    if follower.pk == followee.pk:
        raise CannotFollow(gettext("You can’t follow yourself."), "cannot_follow_yourself")
    _take(follower, followee)
    is_private, is_blocked, is_followed = _between(follower, followee)
    if is_blocked:
        raise CannotFollow(gettext("You can’t follow this person."), "blocked")
    if is_followed:
        return "following"
    feeds: list[str] = []
    if is_private:
        if insert_or_ignore(FollowRequest, requester_id=follower.pk, target_id=followee.pk):
            feeds = telling.tell_request(requester=follower.pk, target=followee.pk)
    else:
        feeds = _connect(follower, followee, Kind.FOLLOW)
    account_cache.invalidate_relation(follower.pk, followee.pk, *feeds)
    return "requested" if is_private else "following"


@transaction.atomic
def unfollow(*, follower: User, followee: User) -> None:
    """Stop following, or withdraw the request; without either, nothing changes."""
    _take(follower, followee)
    waited, _ = FollowRequest.objects.filter(requester=follower, target=followee).delete()
    if waited:
        telling.take_back(Kind.REQUEST, actor=follower.pk, thing=followee.pk)
    feeds = _disconnect(follower, followee)
    if feeds:
        telling.take_back(Kind.FOLLOW, actor=follower.pk, thing=followee.pk)
    account_cache.invalidate_relation(follower.pk, followee.pk, *feeds)


@transaction.atomic
def accept(*, owner: User, requester: User) -> bool:
    """Let ``requester`` follow ``owner``; tell whether a request was waiting."""
    feeds = _accept(owner, requester)
    if feeds is None:
        return False
    account_cache.invalidate_relation(owner.pk, requester.pk, *feeds)
    return True


@transaction.atomic
def decline(*, owner: User, requester: User) -> bool:
    """Drop the request of ``requester``; tell whether one was waiting."""
    waited, _ = FollowRequest.objects.filter(requester=requester, target=owner).delete()
    if waited:
        account_cache.invalidate_relation(owner.pk, requester.pk)
    return bool(waited)


@transaction.atomic
def remove_follower(*, owner: User, follower: User) -> None:
    """Make ``follower`` stop following ``owner``; they are not told."""
    _take(owner, follower)
    feeds = _disconnect(follower, owner)
    account_cache.invalidate_relation(owner.pk, follower.pk, *feeds)


@transaction.atomic
def set_privacy(*, user: User, private: bool) -> None:
    """Make an account private (followers stay) or public (requests that wait are accepted).

    Raises ``StorageUnavailable`` if the photos stay at their public addresses.
    """
    UserStats.objects.select_for_update().get(user=user)
    User.objects.filter(pk=user.pk).update(is_private=private)
    user.is_private = private
    changed: list[str] = []
    if private:
        public_links.withdraw_photos(user.pk)
    else:
        changed.append(PUBLISHED)
        waiting = FollowRequest.objects.filter(target=user).select_related("requester")
        for request in list(waiting.order_by("id")):
            feeds = _accept(user, request.requester) or []
            changed += [*account_cache.relation_leaves(user.pk, request.requester_id), *feeds]
    account_cache.invalidate_account(user.pk, *changed)


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Make two people invisible to each other; follows and requests between them end.

    Raises ``CannotFollow`` for oneself.
    """
    if blocker.pk == blocked.pk:
        raise CannotFollow(gettext("You can’t block yourself."), "cannot_block_yourself")
    _take(blocker, blocked)
    for one, other in ((blocker, blocked), (blocked, blocker)):
        FollowRequest.objects.filter(requester=one, target=other).delete()
        _disconnect(one, other)
    insert_or_ignore(Block, blocker_id=blocker.pk, blocked_id=blocked.pk)
    account_cache.invalidate_blocks(blocker.pk, blocked.pk)


@transaction.atomic
def unblock(*, blocker: User, blocked: User) -> None:
    """End a block; follows that it ended stay ended."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()
    account_cache.invalidate_blocks(blocker.pk, blocked.pk)


def _take(*people: User) -> None:
    """Lock the counter rows of two people. One query.

    Raises ``User.DoesNotExist`` if one of them was deleted.
    """
    one, other = sorted(person.pk for person in people)
    if len(_fetch(_counter_rows, [one, other])) < len({one, other}):
        raise User.DoesNotExist("The account was deleted.")


def _counter_rows(one: int, other: int) -> QuerySet[UserStats, Any]:
    rows = UserStats.objects.select_for_update().filter(pk__in=[one, other])
    return rows.order_by("pk").values_list("pk")


def _between(follower: User, followee: User) -> tuple[bool, bool, bool]:
    """Tell whether ``followee`` is private, whether a block and whether the follow stands.

    One query, to be asked when the counter rows are locked: then none of it can change.
    """
    (row,) = _fetch(_asked_between, [follower.pk, followee.pk])
    is_private, is_blocked, is_followed = map(bool, row)
    return is_private, is_blocked, is_followed


def _asked_between(follower_id: int, followee_id: int) -> QuerySet[User, Any]:
    pair = [follower_id, followee_id]
    blocks = Block.objects.filter(blocker__in=pair, blocked__in=pair)
    follow = Follow.objects.filter(follower=follower_id, followee=followee_id)
    people = User.objects.filter(pk=followee_id)
    return people.values_list("is_private", Exists(blocks), Exists(follow))


def _accept(owner: User, requester: User) -> list[str] | None:
    """Turn a request into a follow; return the feeds to invalidate, ``None`` if none waited."""
    _take(owner, requester)
    waited, _ = FollowRequest.objects.filter(requester=requester, target=owner).delete()
    if not waited:
        return None
    return _connect(requester, owner, Kind.ACCEPTED)


def _connect(follower: User, followee: User, kind: Kind) -> list[str]:
    """Write a follow unless it is there, and tell of it as ``kind`` says.

    Returns the names of the feeds to invalidate.
    """
    if not _insert_and_count(follower, followee, kind):
        return []
    feed.add_author(follower, followee)
    told = followee if kind == Kind.FOLLOW else follower
    return [feed.feed_dependency(follower.pk), inbox.news_dependency(told.pk)]


def _disconnect(follower: User, followee: User) -> list[str]:
    """Delete a follow if it is there; return the names of the feeds to invalidate."""
    deleted, _ = Follow.objects.filter(follower=follower, followee=followee).delete()
    if not deleted:
        return []
    _count(follower, followee, -1)
    feed.remove_author(follower, followee)
    return [feed.feed_dependency(follower.pk)]


def _insert_and_count(follower: User, followee: User, kind: Kind) -> bool:
    """Write a follow, change both counters and tell of it, unless it is there.

    One statement, on SQLite three.
    """
    if _is_postgresql():
        ids = (follower.pk, followee.pk, Follow._meta.pk.get_default())
        return bool(run_prepared(DEFAULT_DB_ALIAS, _insert_and_count_sql(kind), ids))
    is_new = insert_or_ignore(Follow, follower_id=follower.pk, followee_id=followee.pk)
    if is_new:
        _count(follower, followee, 1)
        if kind == Kind.FOLLOW:
            telling.tell_follow(follower=follower.pk, followee=followee.pk)
        else:
            telling.tell_accepted(owner=followee.pk, requester=follower.pk)
    return is_new


@cache
def _insert_and_count_sql(kind: Kind) -> str:
    count = (_COUNT % _PLACES).strip()
    return _INSERT_AND_COUNT.strip().format(count=count, further=statements.follow_part(kind))


def _count(follower: User, followee: User, change: int) -> None:
    """Change both counters. One statement.

    The suspended are counted among suspended followers, or not at all.
    """
    parameters = {"follower": follower.pk, "followee": followee.pk, "change": change}
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_COUNT, parameters)


def _fetch(build: Callable[[int, int], QuerySet[Any, Any]], ids: Sequence[int]) -> list[Any]:
    """Return the rows of ``build(*ids)``, in a transaction. One query."""
    if _is_postgresql():
        return fetch_prepared(DEFAULT_DB_ALIAS, _prepared_sql(build), ids)
    return fetch_compiled((build.__name__,), build, ids)


@cache
def _prepared_sql(build: Callable[[int, int], QuerySet[Any, Any]]) -> str:
    return compiled_sql(build, ["$1::bigint", "$2::bigint"])


def _is_postgresql() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
