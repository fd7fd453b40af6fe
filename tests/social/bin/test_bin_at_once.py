"""Bringing back, deleting and liking at once, from threads with connections of their own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import User
from photos.bin import deleted_photo, move_to_bin, purge, restore
from photos.conversation.threads import CommentGone
from photos.models import Comment, DeletedComment, Photo, Removal
from photos.services import PhotoGone, comment, delete_comment, like
from social.moderation import evidence
from social.upkeep import reconcile
from tests.factories import make_photo, make_user
from tests.social.test_concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def drift() -> int:
    """Return how many people and photos have wrong counters."""
    return sum(wrong for _, wrong in reconcile(fix=False).values())


def brought_back(removal: Removal) -> bool:
    """Bring a photo back; tell whether it was still there."""
    try:
        restore(removal=removal)
    except PhotoGone:
        return False
    return True


def test_of_bringing_back_and_the_end_of_the_bin_one_happens(alice: User) -> None:
    for _ in range(5):
        photo = make_photo(alice)
        move_to_bin(photo=photo)
        Removal.objects.update(purge_at=timezone.now() - timedelta(minutes=1))
        removal = deleted_photo(alice, photo.pk)
        deeds = [partial(brought_back, removal), partial(purge, removal=removal)]
        restored, purged = at_once(deeds)
        assert restored != purged
        assert Photo.objects.filter(pk=photo.pk).exists() == restored
        assert drift() == 0


def test_deleting_twice_at_once_counts_once(alice: User) -> None:
    photo = make_photo(alice)
    at_once([partial(move_to_bin, photo=photo)] * 6)
    assert Removal.objects.count() == 1
    assert drift() == 0
    removal = deleted_photo(alice, photo.pk)
    assert sum(at_once([partial(brought_back, removal)] * 6)) == 1
    assert drift() == 0


def test_a_comment_is_brought_back_once(alice: User) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Here")
    at_once([partial(delete_comment, comment=written, by=alice)] * 6)
    deleted = DeletedComment.objects.get()

    def comes_back() -> bool:
        try:
            evidence.restore_comment(deleted=deleted)
        except CommentGone:
            return False
        return True

    assert sum(at_once([comes_back] * 6)) == 1
    assert Comment.objects.get().text == "Here"
    assert drift() == 0


def test_likes_while_a_photo_goes_into_the_bin_and_comes_back_are_counted(alice: User) -> None:
    photo = make_photo(alice)
    people = [make_user() for _ in range(12)]
    deeds = [partial(like, user=who, photo_id=photo.pk) for who in people]
    at_once([*deeds[:6], partial(move_to_bin, photo=photo), *deeds[6:]])
    restore(removal=deleted_photo(alice, photo.pk))
    assert drift() == 0
    assert Photo.objects.with_author().get().stats.like_count == 12
