"""With a cache the badge takes no query while nothing moves, and is right at once when it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from photos.conversation.comments import like_comment
from photos.models import Photo
from photos.services import edit_photo, like, unlike
from social import follows
from social.notifications import inbox
from tests.factories import make_photo, make_user
from tests.redis_server import RedisServer
from tests.social.lean import sent
from tests.social.notifications.scene import read_all, said

pytestmark = pytest.mark.django_db(transaction=True)
Deed = Callable[[User, User, Photo], object]


def _unread(user: User) -> int:
    """Return the number in the badge, as it is when it is asked for again."""
    first = inbox.unread(user.pk)
    with sent() as statements:
        assert inbox.unread(user.pk) == first
    assert len(statements) == (1 if first else 0)
    return first


def _reply(alice: User, bob: User, photo: Photo) -> None:
    said(bob, photo, "Yes", to=said(alice, photo))


def _like_comment(alice: User, bob: User, photo: Photo) -> None:
    like_comment(user=bob, comment_id=said(alice, photo).pk)


def _accept(alice: User, bob: User, photo: Photo) -> None:
    follows.set_privacy(user=bob, private=True)
    follows.follow(follower=alice, followee=bob)
    follows.accept(owner=bob, requester=alice)


def _ask(alice: User, bob: User, photo: Photo) -> None:
    follows.set_privacy(user=alice, private=True)
    follows.follow(follower=bob, followee=alice)


DEEDS: list[Deed] = [
    lambda alice, bob, photo: like(user=bob, photo_id=photo.pk),
    lambda alice, bob, photo: said(bob, photo),
    lambda alice, bob, photo: said(bob, make_photo(bob), "@alice"),
    lambda alice, bob, photo: edit_photo(photo=make_photo(bob), caption="@alice"),
    lambda alice, bob, photo: follows.follow(follower=bob, followee=alice),
    _reply,
    _like_comment,
    _accept,
    _ask,
]


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_happens_the_badge_says_it_and_reading_clears_it(
    cached: RedisServer, deed: Deed
) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    photo = make_photo(alice)
    assert _unread(alice) == 0
    deed(alice, bob, photo)
    assert _unread(alice) == 1
    read_all(alice)
    assert _unread(alice) == 0


def test_what_is_taken_back_is_counted_no_more(cached: RedisServer) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    assert inbox.unread(alice.pk) == 1
    unlike(user=bob, photo_id=photo.pk)
    assert inbox.unread(alice.pk) == 0
