"""Each kind of notification: made with its cause, gone with it, and never made twice."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import User
from photos.conversation.comments import like_comment, unlike_comment
from photos.models import Draft, Media, Photo
from photos.services import delete_comment, delete_photo, edit_photo, like, unlike
from social import follows
from social.moderation import deciding
from social.moderation.models import Verb
from social.notifications import telling
from social.notifications.models import Notification, TakenBack
from tests.factories import make_follow, make_photo, make_user
from tests.social.moderation.scene import make_moderator, reported
from tests.social.notifications.scene import (
    read_all,
    rewritten,
    said,
    sentences,
    shown_to,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice, "Harbour")


def test_a_like_is_told_to_the_owner_and_gone_when_it_is_taken_back(
    alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    assert sentences(alice) == ["bob likes your photo"]
    assert shown_to(alice)[0].photo.id == photo.pk  # type: ignore[union-attr]
    unlike(user=bob, photo_id=photo.pk)
    assert sentences(alice) == []


def test_nobody_is_told_of_what_they_do_themselves(alice: User, photo: Photo) -> None:
    like(user=alice, photo_id=photo.pk)
    mine = said(alice, photo, "Mine, @alice.")
    like_comment(user=alice, comment_id=mine.pk)
    said(alice, photo, to=mine)
    assert sentences(alice) == []
    assert not Notification.objects.exists()


def test_a_comment_a_reply_and_a_like_of_a_comment(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    first = said(bob, photo)
    like_comment(user=alice, comment_id=first.pk)
    said(carol, photo, "Indeed.", to=first)
    assert sentences(alice) == ["carol and bob commented on your photo"]
    assert sentences(bob) == ["carol replied to your comment", "alice likes your comment"]
    assert [one.remark.text for one in shown_to(bob) if one.remark] == ["Indeed.", "Nice."]
    unlike_comment(user=alice, comment_id=first.pk)
    assert sentences(bob) == ["carol replied to your comment"]


def test_a_reply_to_the_owner_is_no_comment_on_their_photo_as_well(
    alice: User, bob: User, photo: Photo
) -> None:
    said(bob, photo, "Hello @alice", to=said(alice, photo))
    assert sentences(alice) == ["bob replied to your comment"]


def test_a_mention_in_a_comment_on_ones_own_photo_is_told_once(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    said(bob, photo, "@alice and @carol, look")
    assert sentences(alice) == ["bob commented on your photo"]
    assert sentences(carol) == ["bob mentioned you"]
    assert shown_to(carol)[0].remark.text == "@alice and @carol, look"  # type: ignore[union-attr]


def test_a_deleted_comment_is_told_no_more(alice: User, bob: User, photo: Photo) -> None:
    delete_comment(comment=said(bob, photo, "@alice"))
    assert sentences(alice) == []


def test_an_edit_tells_those_whom_nobody_has_told_of_this_text(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    dora = make_user("dora")
    text = said(alice, photo, "With @bob")
    read_all(bob)
    rewritten(text, "With @bob and @carol")
    assert not shown_to(bob)[0].unread
    assert sentences(carol) == ["alice mentioned you"]
    rewritten(text, "Alone")
    assert sentences(carol) == sentences(bob) == []
    rewritten(text, "With @bob, @carol and @dora")
    assert not shown_to(bob)[0].unread
    assert Notification.objects.filter(recipient=carol).count() == 1
    assert sentences(dora) == ["alice mentioned you"]


def test_a_caption_tells_whom_it_mentions_when_it_is_edited_too(
    alice: User, bob: User, carol: User
) -> None:
    photo = make_photo(alice, "With @bob")
    assert sentences(bob) == ["alice mentioned you"]
    edit_photo(photo=photo, caption="With @carol")
    assert sentences(bob) == []
    assert [one.url for one in shown_to(carol)] == [photo.get_absolute_url()]


def test_only_the_first_twenty_who_are_mentioned_are_told(alice: User, photo: Photo) -> None:
    for number in range(25):
        make_user(f"guest{number}")
    said(alice, photo, " ".join(f"@guest{number}" for number in range(25)))
    told = Notification.objects.values_list("recipient__username", flat=True)
    assert sorted(told) == sorted(f"guest{number}" for number in range(20))


def test_a_new_follower_is_told_and_gone_when_they_unfollow(alice: User, bob: User) -> None:
    follows.follow(follower=bob, followee=alice)
    assert sentences(alice) == ["bob follows you"]
    follows.unfollow(follower=bob, followee=alice)
    assert sentences(alice) == []


def test_a_request_and_its_answer_are_told(alice: User, bob: User) -> None:
    clara = make_user("clara", private=True)
    follows.follow(follower=alice, followee=clara)
    follows.follow(follower=bob, followee=clara)
    assert sentences(clara) == ["bob asks to follow you", "alice asks to follow you"]
    follows.decline(owner=clara, requester=bob)
    follows.accept(owner=clara, requester=alice)
    assert sentences(clara) == []
    assert sentences(alice) == ["clara accepted your request"]
    assert sentences(bob) == []


def test_a_request_that_is_withdrawn_is_told_no_more(alice: User) -> None:
    clara = make_user("clara", private=True)
    follows.follow(follower=alice, followee=clara)
    follows.unfollow(follower=alice, followee=clara)
    assert sentences(clara) == []


def test_who_reported_is_told_of_the_decision_without_who_decided(alice: User, bob: User) -> None:
    moderator = make_moderator()
    case = reported(alice, by=bob)
    assert sentences(bob) == []
    deciding.decide(case=case, moderator=moderator, verb=Verb.WARN, reason="Spam.")
    assert sentences(bob) == ["The moderators have decided about your report. Thank you."]
    assert shown_to(bob)[0].people == ()
    assert sentences(alice) == ["The moderators have made a decision about you."]
    assert shown_to(alice)[0].people == ()


def test_a_photo_that_failed_is_told_until_it_is_thrown_away(alice: User) -> None:
    draft = Draft.objects.create(author=alice)
    media = Media.objects.create(
        owner=alice, draft=draft, mime="image/jpeg", original="x", state="failed", reason="broken"
    )
    telling.tell_all_failed()
    assert sentences(alice) == ["One of your photos couldn’t be published."]
    assert shown_to(alice)[0].url == "/drafts/"
    read_all(alice)
    telling.tell_all_failed()
    assert not shown_to(alice)[0].unread
    telling.tell_failed(draft.pk)
    assert shown_to(alice)[0].unread
    media.delete()
    assert sentences(alice) == []


@pytest.mark.parametrize("toggles", [2, 10])
def test_a_like_given_and_taken_many_times_is_one_row_and_no_news_again(
    alice: User, bob: User, photo: Photo, toggles: int
) -> None:
    like(user=bob, photo_id=photo.pk)
    read_all(alice)
    for _ in range(toggles):
        unlike(user=bob, photo_id=photo.pk)
        like(user=bob, photo_id=photo.pk)
    assert sentences(alice) == ["bob likes your photo"]
    assert not shown_to(alice)[0].unread
    assert Notification.objects.count() == 1


def test_what_is_done_again_after_a_day_is_news_again(alice: User, bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    read_all(alice)
    unlike(user=bob, photo_id=photo.pk)
    TakenBack.objects.filter(actor=bob).update(taken_at=1)
    like(user=bob, photo_id=photo.pk)
    assert shown_to(alice)[0].unread


def test_unfollowing_and_following_again_is_no_news(alice: User, bob: User) -> None:
    make_follow(bob, alice)
    read_all(alice)
    follows.unfollow(follower=bob, followee=alice)
    make_follow(bob, alice)
    assert sentences(alice) == ["bob follows you"]
    assert not shown_to(alice)[0].unread


@transaction.atomic
def _fail_after_all_of_it(alice: User, bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    said(bob, photo, "@alice")
    follows.follow(follower=bob, followee=alice)
    raise ZeroDivisionError


def test_a_cause_that_is_rolled_back_tells_nobody(alice: User, bob: User, photo: Photo) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_after_all_of_it(alice, bob, photo)
    assert not Notification.objects.exists()


def test_a_deleted_photo_takes_all_that_is_told_of_it_along(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    like_comment(user=alice, comment_id=said(bob, photo, "@carol").pk)
    delete_photo(photo=photo)
    assert sentences(alice) == sentences(bob) == sentences(carol) == []
