"""The list: grouped, paged, bounded, and in agreement with the number in the badge."""

from __future__ import annotations

import pytest

from accounts.models import User
from photos.conversation.comments import like_comment
from photos.models import Like, Photo
from photos.services import delete_comment, like, recount, unlike
from social import follows
from social.context_processors import Navigation
from social.notifications import filling, inbox
from social.notifications.activity import Activity, activity_page
from social.notifications.models import Notification
from social.notifications.wording import plain, sentence
from tests.factories import make_photo, make_user
from tests.social.lean import sent
from tests.social.notifications.scene import read_all, said, sentences, shown_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


def _liked_by(photo: Photo, number: int) -> None:
    people = [make_user() for _ in range(number)]
    Like.objects.bulk_create([Like(user=one, photo=photo) for one in people])
    recount([photo.pk])
    filling.fill()


def test_many_likes_are_one_notification_with_the_newest_name(
    alice: User, bob: User, photo: Photo
) -> None:
    _liked_by(photo, 41)
    like(user=bob, photo_id=photo.pk)
    assert sentences(alice) == ["bob and 41 others like your photo"]
    like(user=alice, photo_id=photo.pk)
    assert sentences(alice) == ["bob and 41 others like your photo"]


def test_what_is_not_counted_exactly_says_so(alice: User, photo: Photo) -> None:
    for _ in range(12):
        said(make_user(), photo)
    assert sentences(alice)[0].split(" ", 1)[1] == "and 9+ others commented on your photo"


def test_somebody_who_comments_twice_is_one_person(alice: User, bob: User, photo: Photo) -> None:
    said(bob, photo, "First")
    said(bob, photo, "Second")
    assert sentences(alice) == ["bob commented on your photo"]
    assert shown_to(alice)[0].remark.text == "Second"  # type: ignore[union-attr]


def test_one_busy_photo_hides_no_others(alice: User, bob: User) -> None:
    photos = [make_photo(alice) for _ in range(20)]
    for photo in photos[1:]:
        like(user=bob, photo_id=photo.pk)
    _liked_by(photos[0], 100)
    assert len(shown_to(alice)) == 20


def test_pages_hold_each_notification_once_in_both_directions(alice: User, bob: User) -> None:
    for _ in range(7):
        like(user=bob, photo_id=make_photo(alice).pk)
    first = activity_page(alice, None, 3)
    second = activity_page(alice, first.next, 3)
    third = activity_page(alice, second.next, 3)
    places = [one.latest for page in (first, second, third) for one in page.items]
    assert places == sorted(places, reverse=True)
    assert len(set(places)) == 7
    assert third.next is None
    assert activity_page(alice, second.previous, 3).items == first.items


def _busy(alice: User, rounds: int) -> None:
    for _ in range(rounds):
        bob, photo = make_user(), make_photo(alice)
        mine = said(alice, photo, "Mine")
        like(user=bob, photo_id=photo.pk)
        said(bob, photo)
        said(bob, photo, to=mine)
        like_comment(user=bob, comment_id=mine.pk)
        said(bob, make_photo(bob), "@alice")
        follows.follow(follower=bob, followee=alice)


@pytest.mark.parametrize("rounds", [1, 4])
def test_a_page_takes_four_queries_whatever_is_on_it(alice: User, rounds: int) -> None:
    _busy(alice, rounds)
    with sent() as statements:
        assert len(activity_page(alice, None, 50).items) == 5 * rounds + 1
    assert len(statements) == 4


@pytest.mark.parametrize("rounds", [0, 1, 4])
def test_the_badge_takes_one_query(alice: User, rounds: int) -> None:
    _busy(alice, rounds)
    with sent() as statements:
        assert inbox.unread(alice.pk) == min(5 * rounds + 1 if rounds else 0, inbox.MOST + 1)
    assert len(statements) == 1


@pytest.mark.parametrize(("unread", "badge"), [(0, ""), (1, "1"), (9, "9"), (10, "9+")])
def test_the_badge_says_no_number_beyond_what_is_counted(unread: int, badge: str) -> None:
    nav = Navigation("alice", unread=unread, registration_open=True, open_to_visitors=True, here="")
    assert nav.badge == badge


def test_what_is_read_is_unread_again_with_the_next_like_only(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    read_all(alice)
    assert inbox.unread(alice.pk) == 0
    like(user=carol, photo_id=photo.pk)
    assert inbox.unread(alice.pk) == 1
    unlike(user=carol, photo_id=photo.pk)
    assert inbox.unread(alice.pk) == 0
    assert sentences(alice) == ["bob likes your photo"]


def test_deleting_the_newest_comment_lowers_the_badge(alice: User, bob: User, photo: Photo) -> None:
    said(bob, photo, "Old")
    read_all(alice)
    new = said(bob, photo, "New")
    assert inbox.unread(alice.pk) == 1
    delete_comment(comment=new)
    assert inbox.unread(alice.pk) == 0
    assert shown_to(alice)[0].remark.text == "Old"  # type: ignore[union-attr]


def test_a_row_whose_photo_is_gone_is_skipped_and_swept(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    Notification.objects.update(photo_id=5)
    assert sentences(alice) == []
    assert filling.delete_left_over() == 1
    assert not Notification.objects.exists()


def test_filling_twice_makes_what_the_verbs_make(alice: User, bob: User, photo: Photo) -> None:
    mine = said(alice, photo, "Mine")
    said(bob, photo)
    said(bob, photo, to=mine)
    like_comment(user=bob, comment_id=mine.pk)
    like(user=bob, photo_id=photo.pk)
    follows.follow(follower=bob, followee=alice)
    told = sorted(sentences(alice))
    Notification.objects.all().delete()
    filling.fill()
    filling.fill()
    assert sorted(sentences(alice)) == told


def test_a_name_that_turns_the_line_around_does_not_in_plain_text() -> None:
    assert plain("abc\u202egnp\u2066.exe\u2069") == "abcgnp.exe"
    assert plain("שלום\nעולם") == "שלום עולם"


def test_a_page_shows_names_of_people_and_others(alice: User, bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    (shown,) = shown_to(alice)
    assert isinstance(shown, Activity)
    assert sentence(shown._replace(others=1)) == "bob and 1 other like your photo"


def test_the_badge_is_right_when_rarer_news_comes_and_goes(alice: User, bob: User) -> None:
    photo, theirs = make_photo(alice), make_photo(bob)
    assert inbox.unread(alice.pk) == 0
    remark = said(bob, theirs, "@alice")
    like(user=bob, photo_id=photo.pk)
    assert inbox.unread(alice.pk) == 2
    delete_comment(comment=remark)
    for _ in range(2):
        with sent() as statements:
            assert inbox.unread(alice.pk) == 1
        assert len(statements) == 1
