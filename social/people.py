"""Finding people: profiles and the lists that connect them."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404

from accounts.models import User, UserQuerySet, Viewer
from minigram_site.pagination import PAGE_SIZE, Cursor, Page, paginate

SUGGESTED = 6


class PrivateAccount(PermissionError):
    """The account is private, and the viewer does not follow it."""


def profile(viewer: Viewer, username: str) -> User:
    """Return a person with counters and their relation to ``viewer``. One query.

    ``Http404`` if there is none, they are suspended, or there is a block between the two.
    Someone whom the viewer blocks is found, so that the block can be taken back.
    """
    people = User.objects.named(username).filter(is_active=True)
    user: Any = people.with_stats().with_relation_to(viewer).first()
    if user is None or (not user.you_block and not _reaches(viewer, user)):
        raise Http404
    return cast(User, user)


def require_viewable(viewer: Viewer, user: User) -> None:
    """Raise ``PrivateAccount`` unless ``viewer`` may see photos and lists of ``user``."""
    if not is_viewable(viewer, user):
        raise PrivateAccount("This account is private. Follow it to see more.")


def is_viewable(viewer: Viewer, user: User) -> bool:
    """Tell whether ``viewer`` may see photos and lists of ``user``. One query."""
    return User.objects.viewable_by(viewer).filter(pk=user.pk).exists()


def followers(
    viewer: Viewer, user: User, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[User]:
    """Return a page of the followers of ``user`` whom ``viewer`` may know of, newest first."""
    return _page(User.objects.followers_of(user), viewer, cursor, size)


def following(
    viewer: Viewer, user: User, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[User]:
    """Return a page of those ``user`` follows and ``viewer`` may know of, newest first."""
    return _page(User.objects.followed_by(user), viewer, cursor, size)


def requests(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of those who wait for ``user`` to accept them, newest first."""
    return _page(User.objects.asking(user), user, cursor, size)


def blocked(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of those whom ``user`` blocks, newest first. One query."""
    people = User.objects.blocked_by(user).with_stats().with_relation_to(user)
    return paginate(people, cursor, size, ("link_id",))


def suggestions(user: User) -> list[User]:
    """Return a few public people with many followers whom ``user`` does not follow. One query."""
    people = User.objects.viewable_by(user).with_stats().with_relation_to(user)
    others = people.filter(is_private=False).not_followed_by(user).exclude(pk=user.pk)
    return list(others.order_by("-stats__follower_count", "-pk")[:SUGGESTED])


def _page(people: UserQuerySet, viewer: Viewer, cursor: Cursor | None, size: int) -> Page[User]:
    shown = people.reachable_by(viewer).with_stats().with_relation_to(viewer)
    return paginate(shown, cursor, size, ("link_id",))


def _reaches(viewer: Viewer, user: User) -> bool:
    return User.objects.reachable_by(viewer).filter(pk=user.pk).exists()
