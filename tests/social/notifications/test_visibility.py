"""Nobody is told of what they may not see: when it happens, and when it is shown."""

from __future__ import annotations

import pytest

from accounts import services
from accounts.models import User
from photos import hiding
from photos.conversation.comments import like_comment
from photos.models import Photo
from photos.services import like
from social import follows, mutes
from social.notifications.models import Notification
from social.profiles import delete_account
from tests.factories import make_follow, make_photo, make_user
from tests.social.notifications.scene import read_all, said, sentences, shown_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


def _everything(actor: User, photo: Photo) -> None:
    """Let somebody do to a photo and its author all that people are told of."""
    like(user=actor, photo_id=photo.pk)
    mine = said(photo.author, photo, "Mine")
    like_comment(user=actor, comment_id=mine.pk)
    said(actor, photo, "Hello")
    said(actor, photo, "Reply", to=mine)
    follows.follow(follower=actor, followee=photo.author)


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_a_block_hides_both_ways_and_lifting_it_brings_back_what_is_left(
    alice: User, bob: User, photo: Photo, blocker: str
) -> None:
    _everything(bob, photo)
    assert len(sentences(alice)) == 5
    one, other = (alice, bob) if blocker == "alice" else (bob, alice)
    follows.block(blocker=one, blocked=other)
    assert sentences(alice) == []
    follows.unblock(blocker=one, blocked=other)
    assert len(sentences(alice)) == 4  # the follow ended


@pytest.mark.parametrize("blocker", ["bob", "carol"])
def test_in_somebody_elses_thread_a_blocked_person_tells_nothing(
    alice: User, bob: User, carol: User, photo: Photo, blocker: str
) -> None:
    """The recipient has no part in the deed but that it is about their comment."""
    mine = said(bob, photo, "Mine")
    one, other = (bob, carol) if blocker == "bob" else (carol, bob)
    follows.block(blocker=one, blocked=other)
    reply = said(carol, photo, "A reply, @bob", to=mine)
    like_comment(user=carol, comment_id=mine.pk)
    said(bob, photo, "@carol", to=reply)
    assert not Notification.objects.filter(recipient__in=[bob, carol]).exists()
    assert sentences(bob) == sentences(carol) == []


def test_a_suspended_person_is_not_told_of_until_they_are_restored(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    _everything(bob, photo)
    like(user=carol, photo_id=photo.pk)
    services.suspend(user=bob)
    assert sentences(alice) == ["carol likes your photo"]
    services.restore(user=bob)
    assert sentences(alice)[0] == "carol and bob like your photo"


def test_who_has_lost_sight_of_a_photo_hears_no_more_of_it(alice: User, bob: User) -> None:
    clara = make_user("clara", private=True)
    make_follow(bob, clara)
    photo = make_photo(clara, "With @bob")
    mine = said(bob, photo, "Mine")
    said(clara, photo, "Yours", to=mine)
    like_comment(user=clara, comment_id=mine.pk)
    assert len(sentences(bob)) == 4  # a mention, a reply, a like, and that they may follow
    follows.remove_follower(owner=clara, follower=bob)
    assert sentences(bob) == []


def test_who_cannot_see_a_photo_is_not_told_of_a_mention_below_it(bob: User, carol: User) -> None:
    clara = make_user("clara", private=True)
    make_follow(bob, clara)
    said(bob, make_photo(clara), "@carol")
    assert not Notification.objects.filter(recipient=carol).exists()


def test_a_reply_in_a_thread_that_one_may_not_see_any_more_makes_no_row(bob: User) -> None:
    clara = make_user("clara", private=True)
    make_follow(bob, clara)
    photo = make_photo(clara)
    mine = said(bob, photo, "Mine")
    follows.remove_follower(owner=clara, follower=bob)
    said(clara, photo, "Yours", to=mine)
    assert not Notification.objects.filter(recipient=bob, photo_id=photo.pk).exists()


def test_a_photo_that_moderators_hide_is_told_of_again_when_it_is_back(
    alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    hiding.hide_photo(photo=photo)
    assert sentences(alice) == []
    hiding.show_photo(photo=photo)
    assert sentences(alice) == ["bob likes your photo"]


def test_a_hidden_person_leaves_the_group_and_its_number(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    dora = make_user("dora")
    for person in (dora, bob, carol):
        like(user=person, photo_id=photo.pk)
    assert sentences(alice) == ["carol and 2 others like your photo"]
    follows.block(blocker=carol, blocked=alice)
    assert sentences(alice) == ["bob and dora like your photo"]


def test_deleting_the_account_of_who_did_it_or_is_told_leaves_nothing(
    alice: User, bob: User, photo: Photo
) -> None:
    _everything(bob, photo)
    delete_account(user=bob)
    assert sentences(alice) == []
    delete_account(user=alice)
    assert not Notification.objects.exists()


def test_who_is_muted_tells_nothing_and_is_no_news_when_they_are_not_any_more(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    like(user=carol, photo_id=photo.pk)
    mutes.mute(muter=alice, muted=bob)
    _everything(bob, photo)
    assert [one.people[0].username for one in shown_to(alice)] == ["carol"]
    assert sentences(alice) == ["carol and 1 other like your photo"]
    read_all(alice)
    mutes.unmute(muter=alice, muted=bob)
    assert sentences(alice) == ["bob and carol like your photo"]
    assert not any(one.unread for one in shown_to(alice))


def test_a_mute_hides_what_was_told_before_and_is_not_noticed(
    alice: User, bob: User, photo: Photo
) -> None:
    _everything(bob, photo)
    assert len(sentences(alice)) == 5
    mutes.mute(muter=alice, muted=bob)
    assert sentences(alice) == []
    like_comment(user=alice, comment_id=said(bob, photo).pk)
    assert sentences(bob) == ["alice likes your comment"]
