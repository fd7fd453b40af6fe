"""Many at once: likes, follows and publishing from threads with connections of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts import services
from accounts.models import Block, Follow, FollowRequest, User
from photos.conversation.comments import edit_comment
from photos.conversation.threads import CommentGone
from photos.models import Comment, Like, Photo, PhotoStats, PhotoTag, Tag
from photos.services import PhotoGone, comment, delete_comment, delete_photo, like, unlike
from social import feed, follows
from social.models import ModerationCase, Report
from social.moderation import reports
from social.notifications import inbox
from social.upkeep import reconcile
from tests.factories import make_photo, make_user
from tests.social.lean import Site, bearer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(deeds: Iterable[Callable[[], Any]], workers: int = 16) -> list[Any]:
    """Run all deeds in parallel threads; return what they returned."""

    def run(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, deeds))


def test_fifty_people_like_one_photo_at_once_and_all_are_counted(alice: User) -> None:
    photo = make_photo(alice)
    people = [make_user() for _ in range(50)]
    at_once([partial(like, user=who, photo_id=photo.pk) for who in people])
    assert Like.objects.filter(photo=photo).count() == 50
    assert PhotoStats.objects.get(photo=photo).like_count == 50


def test_one_person_likes_fifty_times_at_once_and_counts_once(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    at_once([lambda: like(user=bob, photo_id=photo.pk)] * 50)
    assert PhotoStats.objects.get(photo=photo).like_count == 1


def test_likes_and_unlikes_at_once_leave_counter_equal_to_rows(alice: User) -> None:
    photo = make_photo(alice)
    people = [make_user() for _ in range(10)]
    deeds = [
        partial(verb, user=who, photo_id=photo.pk)
        for who in people
        for verb in (like, unlike, like, unlike, like)
    ]
    at_once(deeds)
    rows = Like.objects.filter(photo=photo).count()
    assert PhotoStats.objects.get(photo=photo).like_count == rows


def test_likes_while_the_photo_is_deleted_are_refused_or_gone(alice: User) -> None:
    photo = make_photo(alice)
    photo_id = photo.pk
    people = [make_user() for _ in range(20)]

    def try_like(who: User) -> bool:
        try:
            like(user=who, photo_id=photo_id)
        except PhotoGone:
            return False
        return True

    deeds: list[Callable[[], Any]] = [partial(try_like, who) for who in people]
    deeds.insert(10, lambda: delete_photo(photo=photo))
    at_once(deeds)
    assert not Like.objects.exists()


def test_likes_while_the_author_blocks_are_refused_or_counted_and_tell_nobody(
    alice: User, bob: User
) -> None:
    photo, site, token = make_photo(alice), Site(), bearer(bob)
    address = f"/api/v1/photos/{photo.pk}/like/"

    def ask(method: str) -> str:
        return site.ask(address, REQUEST_METHOD=method, HTTP_AUTHORIZATION=token).status

    deeds: list[Callable[[], Any]] = [partial(ask, "PUT"), partial(ask, "DELETE")] * 12
    for place, verb in ((4, follows.block), (12, follows.unblock), (20, follows.block)):
        deeds.insert(place, partial(verb, blocker=alice, blocked=bob))
    assert set(at_once(deeds)) <= {"200 OK", "404 Not Found", None}
    follows.block(blocker=alice, blocked=bob)
    assert reconcile(fix=False)["photos"] == (1, 0)
    assert ask("PUT") == "404 Not Found"
    assert inbox.unread(alice.pk) == 0


def test_one_person_who_reports_twice_at_once_has_one_report(alice: User, bob: User) -> None:
    thing = reports.thing_of(make_photo(alice))
    deed = partial(reports.report, reporter=bob, thing=thing, reason="spam")
    told = at_once([deed] * 8)
    assert [new for _, new in told].count(True) == 1
    assert (Report.objects.count(), ModerationCase.objects.count()) == (1, 1)


def test_people_who_publish_a_new_tag_at_once_have_the_same(alice: User, bob: User) -> None:
    at_once([partial(make_photo, who, "#brandnew #second") for who in (alice, bob) * 4])
    for key in ("brandnew", "second"):
        (tag,) = Tag.objects.filter(key=key)
        assert PhotoTag.objects.filter(tag=tag).count() == 8


def test_likes_over_the_api_while_the_photo_is_deleted_are_refused_or_gone(alice: User) -> None:
    photo, other, site = make_photo(alice), make_photo(alice), Site()
    address = f"/api/v1/photos/{photo.pk}/like/"

    def put(token: str, address: str = address) -> str:
        environ = {"REQUEST_METHOD": "PUT", "HTTP_AUTHORIZATION": token}
        return site.ask(address, **environ).status

    put(bearer(alice), f"/api/v1/photos/{other.pk}/like/")
    deeds: list[Callable[[], Any]] = [partial(put, bearer(make_user())) for _ in range(20)]
    deeds.insert(10, lambda: delete_photo(photo=photo))
    answers = at_once(deeds)
    assert set(answers) <= {"200 OK", "404 Not Found", None}
    assert Like.objects.exclude(photo=other).count() == 0


def test_following_at_once_counts_every_follower_once(alice: User) -> None:
    people = [make_user() for _ in range(20)]
    at_once([partial(follows.follow, follower=who, followee=alice) for who in people] * 2)
    alice.stats.refresh_from_db()
    assert alice.stats.follower_count == Follow.objects.filter(followee=alice).count() == 20


def test_people_who_follow_each_other_at_once_do_not_wait_for_ever(alice: User, bob: User) -> None:
    pairs = [(alice, bob), (bob, alice)] * 10
    at_once(
        [
            partial(verb, follower=one, followee=other)
            for verb in (follows.follow, follows.unfollow)
            for one, other in pairs
        ]
    )
    for person in (alice, bob):
        person.stats.refresh_from_db()
        assert person.stats.follower_count == Follow.objects.filter(followee=person).count()


def test_one_person_who_follows_twice_at_once_is_one_follower(alice: User, bob: User) -> None:
    at_once([partial(follows.follow, follower=bob, followee=alice)] * 8)
    assert Follow.objects.count() == 1
    alice.stats.refresh_from_db()
    assert (alice.stats.follower_count, inbox.unread(alice.pk)) == (1, 1)


def test_one_person_who_asks_twice_at_once_has_asked_once(bob: User, carol: User) -> None:
    states = at_once([partial(follows.follow, follower=bob, followee=carol)] * 8)
    assert set(states) == {"requested"}
    assert FollowRequest.objects.count() == inbox.unread(carol.pk) == 1


def test_a_request_that_is_withdrawn_while_it_is_accepted_leaves_no_half_of_it(carol: User) -> None:
    people = [make_user() for _ in range(12)]
    for who in people:
        follows.follow(follower=who, followee=carol)
    deeds: list[Callable[[], Any]] = []
    for who in people:
        # Whoever comes first: an accepted request is unfollowed, a withdrawn one not accepted.
        deeds.append(partial(follows.accept, owner=carol, requester=who))
        deeds.append(partial(follows.unfollow, follower=who, followee=carol))
    assert set(at_once(deeds)) <= {True, False, None}
    assert not FollowRequest.objects.exists()
    assert not Follow.objects.exists()
    assert not any(follows.accept(owner=carol, requester=who) for who in people)
    assert reconcile(fix=False)["people"][1] == 0


def test_no_follow_outlives_a_block_that_comes_while_a_request_is_accepted(carol: User) -> None:
    people = [make_user() for _ in range(12)]
    for who in people:
        follows.follow(follower=who, followee=carol)
    deeds: list[Callable[[], Any]] = []
    for who in people:
        deeds.append(partial(follows.accept, owner=carol, requester=who))
        deeds.append(partial(follows.block, blocker=carol, blocked=who))
    at_once(deeds)
    assert Block.objects.count() == len(people)
    assert not FollowRequest.objects.exists()
    assert not Follow.objects.exists()
    assert reconcile(fix=False)["people"][1] == 0


def test_an_edit_and_a_deletion_of_a_comment_at_once_leave_no_words(alice: User, bob: User) -> None:
    photo = make_photo(alice)

    def edit(written: Comment) -> None:
        with suppress(CommentGone):
            edit_comment(comment=written, text="Hello @alice, again")

    written = [comment(author=bob, photo_id=photo.pk, text="Hello @alice") for _ in range(8)]
    deeds: list[Callable[[], Any]] = []
    for one in written:
        deeds.append(partial(edit, one))
        deeds.append(partial(delete_comment, comment=Comment.objects.get(pk=one.pk)))
    at_once(deeds)
    assert not Comment.objects.exists()
    assert inbox.unread(alice.pk) == 0
    assert PhotoStats.objects.get(photo=photo).comment_count == 0


def test_a_follower_who_comes_while_photos_are_published_misses_none(alice: User) -> None:
    people = [make_user() for _ in range(8)]
    deeds: list[Callable[[], Any]] = []
    for who in people:
        deeds.append(partial(follows.follow, follower=who, followee=alice))
        deeds.append(lambda: make_photo(alice))
    at_once(deeds)
    for who in people:
        stored = [card.id for card in feed.feed_page(who, None, 50).items]
        assert stored == feed.pulled_ids(who, None, 50)
        assert len(stored) == 8


def test_what_somebody_does_while_they_are_suspended_and_restored_is_counted_right(
    alice: User,
) -> None:
    photos = [make_photo(alice) for _ in range(12)]
    spammer = make_user()

    def act(photo: Photo) -> None:
        with suppress(PhotoGone):
            like(user=spammer, photo_id=photo.pk)
            written = comment(author=spammer, photo_id=photo.pk, text="Oh")
            unlike(user=spammer, photo_id=photo.pk)
            delete_comment(comment=written)
            like(user=spammer, photo_id=photo.pk)

    deeds: list[Callable[[], Any]] = [partial(act, photo) for photo in photos * 8]
    for place, verb in ((20, services.suspend), (50, services.restore), (80, services.suspend)):
        deeds.insert(place, partial(verb, user=User.objects.get(pk=spammer.pk)))
    at_once(deeds)
    assert reconcile(fix=False)["photos"] == (12, 0)
