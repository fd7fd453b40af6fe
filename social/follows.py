"""Verbs between people: follow, ask, accept, block. Pages and API call these.

Every verb locks the counter rows of the two people first, smaller id first (so that two verbs
cannot deadlock), and changes them last.
"""

from __future__ import annotations

from typing import Literal

from django.db import transaction
from django.db.models import Case, Exists, F, Value, When

from accounts import account_cache
from accounts.models import Block, Follow, FollowRequest, User, UserStats
from minigram_site.db import insert_or_ignore
from minigram_site.storage import public_links
from social import feed

FollowState = Literal["following", "requested"]


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
        raise CannotFollow("You cannot follow yourself.", "cannot_follow_yourself")
    target = _take(follower, followee)[followee.pk]
    if blocked_between(follower, followee):
        raise CannotFollow("You cannot follow this person.", "blocked")
    if Follow.objects.filter(follower=follower, followee=followee).exists():
        return "following"
    state: FollowState = "requested" if target.is_private else "following"
    if target.is_private:
        insert_or_ignore(FollowRequest, requester_id=follower.pk, target_id=followee.pk)
    else:
        _connect(follower, followee)
    account_cache.invalidate_relation(follower.pk, followee.pk)
    return state


@transaction.atomic
def unfollow(*, follower: User, followee: User) -> None:
    """Stop following, or withdraw the request; without either, nothing changes."""
    _take(follower, followee)
    FollowRequest.objects.filter(requester=follower, target=followee).delete()
    _disconnect(follower, followee)
    account_cache.invalidate_relation(follower.pk, followee.pk)


@transaction.atomic
def accept(*, owner: User, requester: User) -> bool:
    """Let ``requester`` follow ``owner``; tell whether a request was waiting."""
    _take(owner, requester)
    waited, _ = FollowRequest.objects.filter(requester=requester, target=owner).delete()
    if waited:
        _connect(requester, owner)
        account_cache.invalidate_relation(owner.pk, requester.pk)
    return bool(waited)


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
    _disconnect(follower, owner)
    account_cache.invalidate_relation(owner.pk, follower.pk)


@transaction.atomic
def set_privacy(*, user: User, private: bool) -> None:
    """Make an account private (followers stay) or public (requests that wait are accepted).

    Raises ``StorageUnavailable`` if the photos stay at their public addresses.
    """
    UserStats.objects.select_for_update().get(user=user)
    User.objects.filter(pk=user.pk).update(is_private=private)
    user.is_private = private
    if private:
        public_links.withdraw_photos(user.pk)
    else:
        waiting = FollowRequest.objects.filter(target=user).select_related("requester")
        for request in list(waiting.order_by("id")):
            accept(owner=user, requester=request.requester)
    account_cache.invalidate_account(user.pk)


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Make two people invisible to each other; follows and requests between them end.

    Raises ``CannotFollow`` for oneself.
    """
    if blocker.pk == blocked.pk:
        raise CannotFollow("You cannot block yourself.", "cannot_block_yourself")
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


def _take(*people: User) -> dict[int, User]:
    """Lock the counter rows of these people; return the people, read anew, by id. One query.

    Raises ``User.DoesNotExist`` if one of them was deleted.
    """
    rows = UserStats.objects.select_for_update(of=("self",)).select_related("user")
    taken = {row.pk: row.user for row in rows.filter(pk__in=people).order_by("pk")}
    if len(taken) < len({person.pk for person in people}):
        raise User.DoesNotExist("The account was deleted.")
    return taken


def blocked_between(one: User, other: User) -> bool:
    """Tell whether either has blocked the other. One query."""
    pair = [one.pk, other.pk]
    return Block.objects.filter(blocker__in=pair, blocked__in=pair).exists()


def _connect(follower: User, followee: User) -> None:
    if not insert_or_ignore(Follow, follower_id=follower.pk, followee_id=followee.pk):
        return
    _count(follower, followee, 1)
    feed.add_author(follower, followee)


def _disconnect(follower: User, followee: User) -> None:
    deleted, _ = Follow.objects.filter(follower=follower, followee=followee).delete()
    if not deleted:
        return
    _count(follower, followee, -1)
    feed.remove_author(follower, followee)


def _count(follower: User, followee: User, change: int) -> None:
    """Change both counters; the suspended are counted among suspended followers, or not at all."""
    stats = UserStats.objects
    active = User.objects.filter(is_active=True)
    stats.filter(Exists(active.filter(pk=followee.pk)), user=follower).update(
        following_count=F("following_count") + change
    )
    shown = Exists(active.filter(pk=follower.pk))
    among_shown = Case(When(shown, then=Value(change)), default=Value(0))
    among_suspended = Case(When(shown, then=Value(0)), default=Value(change))
    stats.filter(user=followee).update(
        follower_count=F("follower_count") + among_shown,
        suspended_follower_count=F("suspended_follower_count") + among_suspended,
    )
