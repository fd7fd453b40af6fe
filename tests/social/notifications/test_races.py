"""Many at once: nobody is told twice, nothing is lost, and the mark never goes back."""

from __future__ import annotations

from functools import partial

import pytest
from django.core import mail

from accounts.models import User
from photos.conversation.comments import like_comment
from photos.services import like, unlike
from social import follows
from social.notifications import inbox
from social.notifications.digest import service
from social.notifications.models import Digest, Inbox, Notification
from tests.factories import make_photo, make_user
from tests.social.notifications.scene import said, sentences, shown_to
from tests.social.notifications.test_digest import due
from tests.social.test_concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_fifty_who_do_it_at_once_are_one_notification_each_kind(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    mine = said(alice, photo, "Mine")
    people = [make_user() for _ in range(12)]
    deeds = [
        deed
        for one in people
        for deed in (
            partial(like, user=one, photo_id=photo.pk),
            partial(said, one, photo),
            partial(said, one, photo, "Reply", to=mine),
            partial(like_comment, user=one, comment_id=mine.pk),
            partial(follows.follow, follower=one, followee=alice),
        )
    ]
    at_once(deeds)
    assert Notification.objects.filter(recipient=alice).count() == 5
    assert len(sentences(alice)) == 5
    newest = max(one.latest for one in shown_to(alice))
    assert newest == max(Notification.objects.values_list("latest", flat=True))


def test_likes_and_their_end_at_once_leave_what_is_there(alice: User) -> None:
    photo = make_photo(alice)
    people = [make_user() for _ in range(6)]
    deeds = [
        partial(verb, user=one, photo_id=photo.pk)
        for one in people
        for verb in (like, unlike, like, unlike)
    ]
    at_once(deeds)
    for one in people:
        unlike(user=one, photo_id=photo.pk)
    assert sentences(alice) == []


def test_following_each_other_at_once_tells_both(alice: User, bob: User) -> None:
    at_once(
        [
            partial(follows.follow, follower=alice, followee=bob),
            partial(follows.follow, follower=bob, followee=alice),
        ]
        * 5
    )
    assert sentences(alice) == ["bob follows you"]
    assert sentences(bob) == ["alice follows you"]


def test_the_mark_ends_at_the_largest(alice: User) -> None:
    at_once([partial(inbox.mark_read, user=alice, up_to=place) for place in range(1, 41)])
    assert Inbox.objects.get().read_up_to == 40


def test_digests_sent_by_many_at_once_are_one_mail(alice: User, bob: User) -> None:
    service.turn_on(user=alice, hour=8, zone="UTC")
    like(user=bob, photo_id=make_photo(alice).pk)
    due()
    assert sum(at_once([service.send_due] * 8)) == 1
    assert len(mail.outbox) == 1
    assert Digest.objects.count() == 1
