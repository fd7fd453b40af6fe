"""What a write costs: statements, transactions apart, and marks in the cache; both only fall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.cache import invalidation
from social import follows
from social.feed import rebuild, service
from social.models import FeedEntry
from tests.factories import make_follow, make_photo, make_user, upload
from tests.redis_server import RedisServer
from tests.social.lean import sent

pytestmark = pytest.mark.django_db

ApiAs = Callable[[User | None], APIClient]
# With the two that begin and end the transaction, 9 for a follow and 5 for a comment.
FOLLOW = {"postgresql": 7, "sqlite": 9}
# Where the feed is full, its oldest entries go.
FOLLOW_FULL = {"postgresql": 7, "sqlite": 11}
COMMENT = {"postgresql": 3, "sqlite": 5}
# One picture: the request, its upload and whether it is banned, its processing, the photo and the
# feeds.
PUBLISH = 16
_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def cost(request: Callable[[], Any], status: int) -> list[str]:
    """Return the statements that a request sends, those of transactions left out."""
    with sent() as statements:
        assert request().status_code == status
    return [sql for sql in statements if not sql.startswith(_TRANSACTION)]


def test_a_follow(api_as: ApiAs, alice: User, bob: User) -> None:
    make_photo(bob)
    rebuild(alice)
    client = api_as(alice)
    statements = cost(lambda: client.put("/api/v1/users/bob/follow/"), 200)
    assert len(statements) == FOLLOW[connection.vendor], statements


def test_a_follow_of_somebody_whose_feed_is_full(
    api_as: ApiAs, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEPT_ENTRIES", 3)
    for _ in range(3):
        make_photo(alice)
    rebuild(alice)
    make_photo(bob)
    client = api_as(alice)
    statements = cost(lambda: client.put("/api/v1/users/bob/follow/"), 200)
    assert FeedEntry.objects.filter(owner=alice).count() == 3
    assert len(statements) == FOLLOW_FULL[connection.vendor], statements


def test_a_comment(api_as: ApiAs, alice: User, bob: User) -> None:
    client, address = api_as(alice), f"/api/v1/photos/{make_photo(bob).pk}/comments/"
    statements = cost(lambda: client.post(address, {"text": "Nice."}), 201)
    assert len(statements) == COMMENT[connection.vendor], statements


@pytest.mark.parametrize("followers", [0, 30])
def test_publishing_to_any_number_of_followers(api_as: ApiAs, alice: User, followers: int) -> None:
    for _ in range(followers):
        make_follow(make_user(), alice)
    client, form = api_as(alice), {"image": upload()}
    statements = cost(lambda: client.post("/api/v1/photos/", form, format="multipart"), 201)
    assert len(statements) <= PUBLISH, statements


def _follow(alice: User, bob: User) -> None:
    follows.follow(follower=alice, followee=bob)


def _unfollow(alice: User, bob: User) -> None:
    follows.unfollow(follower=bob, followee=alice)


def _accept_all(alice: User, bob: User) -> None:
    follows.set_privacy(user=bob, private=False)


def _block(alice: User, bob: User) -> None:
    follows.block(blocker=alice, blocked=bob)


def _publish(alice: User, bob: User) -> None:
    make_photo(alice)


@pytest.mark.parametrize("verb", [_follow, _unfollow, _accept_all, _block, _publish])
def test_a_verb_marks_what_it_changes_once(
    cached: RedisServer, monkeypatch: pytest.MonkeyPatch, verb: Callable[[User, User], None]
) -> None:
    alice, bob = make_user("alice"), make_user("bob", private=verb is _accept_all)
    make_photo(bob)
    make_follow(bob, alice)
    if verb is _accept_all:
        _follow(alice, bob)
    marks: list[Any] = []
    begin = invalidation._begin

    def counted(*args: Any) -> bool:
        marks.append(args)
        return begin(*args)

    monkeypatch.setattr(invalidation, "_begin", counted)
    verb(alice, bob)
    assert len(marks) == 1
