"""Counts are of what the viewer can see: neither suspended people nor those behind a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Block, Follow, User, UserStats
from photos.cards import cards_of, likes_of
from photos.models import Comment, Photo, PhotoStats
from photos.services import comment, delete_comment, like
from social import follows, people, profiles
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def photo(alice: User, bob: User) -> Photo:
    """Return a photo of alice that bob likes and comments on twice."""
    shown = make_photo(alice)
    like(user=bob, photo_id=shown.pk)
    for text in ("Oh", "Ah"):
        comment(author=bob, photo_id=shown.pk, text=text)
    return shown


def counts(viewer: User, photo: Photo) -> tuple[int, int]:
    (card,) = cards_of([photo.pk], viewer)
    return card.like_count, card.comment_count


def queries_of(act: Callable[[], Any]) -> int:
    act()
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_a_block_hides_likes_and_comments_from_the_counts_of_both_and_of_nobody_else(
    alice: User, bob: User, photo: Photo
) -> None:
    carol = make_user()
    like(user=carol, photo_id=photo.pk)
    follows.block(blocker=bob, blocked=make_user())
    follows.block(blocker=alice, blocked=bob)
    assert counts(alice, photo) == (1, 0)
    assert likes_of(photo.pk, alice) == (False, 1)
    assert counts(carol, photo) == (2, 2)
    follows.unblock(blocker=alice, blocked=bob)
    assert counts(alice, photo) == (2, 2)


def test_two_who_block_each_other_are_left_out_once(alice: User, bob: User, photo: Photo) -> None:
    follows.block(blocker=alice, blocked=bob)
    Block.objects.create(blocker=bob, blocked=alice)
    assert counts(alice, photo) == (0, 0)


def test_the_heading_above_no_comments_says_none(
    browser_as: As, alice: User, bob: User, photo: Photo
) -> None:
    follows.block(blocker=alice, blocked=bob)
    page = browser_as(alice).get(f"/p/{photo.code}/").content.decode()
    assert f'<span data-live="comments-{photo.code}">0</span>' in page


@pytest.mark.parametrize("path", ["feed/", "explore/", "explore/?sort=popular", "photos/{}/"])
def test_counts_cost_a_query_more_for_viewers_with_blocks_and_none_for_others(
    api_as: As, alice: User, bob: User, photo: Photo, path: str
) -> None:
    for _ in range(5):
        like(user=bob, photo_id=make_photo(alice).pk)
    address, client = f"/api/v1/{path.format(photo.pk)}", api_as(alice)
    before = queries_of(lambda: client.get(address))
    follows.block(blocker=alice, blocked=bob)
    assert queries_of(lambda: client.get(address)) == before + 1
    follows.unblock(blocker=alice, blocked=bob)
    assert queries_of(lambda: client.get(address)) == before


@pytest.mark.parametrize("path", ["users/bob/", "users/bob/followers/"])
def test_counts_of_people_cost_no_query_more(api_as: As, alice: User, bob: User, path: str) -> None:
    friend = make_user()
    make_follow(friend, bob)
    client = api_as(alice)
    before = queries_of(lambda: client.get(f"/api/v1/{path}"))
    follows.block(blocker=friend, blocked=alice)
    assert queries_of(lambda: client.get(f"/api/v1/{path}")) == before
    assert client.get("/api/v1/users/bob/").json()["follower_count"] == 0


def test_a_suspended_person_counts_for_nobody_until_restored(
    alice: User, bob: User, photo: Photo
) -> None:
    make_follow(bob, alice)
    make_follow(alice, bob)
    services.suspend(user=bob)
    assert counts(alice, photo) == (0, 0)
    assert PhotoStats.objects.get().like_count == 0
    stats = UserStats.objects.get(user=alice)
    assert (stats.follower_count, stats.following_count) == (0, 0)
    services.suspend(user=bob)
    services.restore(user=bob)
    assert counts(alice, photo) == (1, 2)
    stats.refresh_from_db()
    assert (stats.follower_count, stats.following_count) == (1, 1)


def test_deleting_what_a_suspended_person_left_lowers_no_count(
    alice: User, bob: User, photo: Photo
) -> None:
    comment(author=alice, photo_id=photo.pk, text="Thanks")
    services.suspend(user=bob)
    delete_comment(comment=Comment.objects.filter(author=bob)[0])
    assert counts(alice, photo) == (0, 1)
    profiles.delete_account(user=bob)
    assert counts(alice, photo) == (0, 1)


def test_what_a_suspended_person_still_sends_is_refused(bob: User, photo: Photo) -> None:
    late = make_photo(make_user())
    services.suspend(user=bob)
    with pytest.raises(Exception, match="deleted"):
        like(user=bob, photo_id=late.pk)
    assert not Comment.objects.filter(photo=late).exists()
    assert PhotoStats.objects.get(photo=late).like_count == 0


def test_reconcile_leaves_the_suspended_out(alice: User, bob: User, photo: Photo) -> None:
    make_follow(bob, alice)
    services.suspend(user=bob)
    assert {wrong for _, wrong in reconcile(fix=False).values()} == {0}
    PhotoStats.objects.update(like_count=9)
    UserStats.objects.update(suspended_follower_count=9)
    assert [wrong for _, wrong in reconcile(fix=True).values()] == [2, 1, 0]
    assert counts(alice, photo) == (0, 0)


def test_the_badge_counts_a_request_if_the_list_of_them_shows_it(
    browser_as: As, bob: User, carol: User
) -> None:
    follows.follow(follower=bob, followee=carol)
    client = browser_as(carol)
    assert 'data-live="badge"><bdi dir="ltr">1' in client.get("/feed/").content.decode()
    services.suspend(user=bob)
    assert "Nobody is waiting" in client.get("/requests/").content.decode()
    assert 'data-live="badge"></b>' in client.get("/feed/").content.decode()


def test_only_their_owner_is_shown_a_suspended_follower_and_counts_them(
    api_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    services.suspend(user=bob)
    for viewer, seen in ((alice, [("bob", True)]), (make_user(), [])):
        client = api_as(viewer)
        listed = client.get("/api/v1/users/alice/followers/").json()["results"]
        assert [(row["username"], row["is_suspended"]) for row in listed] == seen
        count = client.get("/api/v1/users/alice/").json()["follower_count"]
        assert count == len(seen)
    assert api_as(alice).get("/api/v1/me/").json()["follower_count"] == 1


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "me/followers/bob/"), ("PUT", "users/bob/block/")]
)
def test_a_suspended_follower_who_is_sent_away_does_not_come_back(
    api_as: As, bob: User, carol: User, method: str, path: str
) -> None:
    make_follow(bob, carol)
    services.suspend(user=bob)
    client = api_as(carol)
    assert client.generic(method, f"/api/v1/{path}").status_code == 204
    services.restore(user=bob)
    assert not Follow.objects.exists()
    with pytest.raises(people.PrivateAccount):
        people.require_viewable(people.profile(make_user(), "carol"))
    assert {wrong for _, wrong in reconcile(fix=False).values()} == {0}


def test_the_page_of_followers_marks_suspended_ones_and_sends_them_away(
    browser_as: As, bob: User, carol: User
) -> None:
    make_follow(bob, carol)
    services.suspend(user=bob)
    client = browser_as(carol)
    page = client.get("/@carol/followers/").content.decode()
    assert "inactive" in page
    assert 'href="/@bob/"' not in page
    assert client.post("/@bob/block/")["Location"] == "/settings/blocked/"
    assert "inactive" in client.get("/settings/blocked/").content.decode()
    assert client.post("/@bob/unblock/")["Location"] == "/settings/blocked/"
    assert not Block.objects.exists()
    assert client.post("/@bob/remove/").status_code == 404


def test_a_suspended_stranger_is_not_to_be_found(api_as: As, alice: User, bob: User) -> None:
    services.suspend(user=bob)
    assert api_as(alice).put("/api/v1/users/bob/block/").status_code == 404
