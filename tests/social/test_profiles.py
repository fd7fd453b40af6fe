"""Profiles: editing, avatars, and deleting an account with all that is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import Follow, User, UserStats
from photos.models import Comment, CommentLike, Like, Photo, PhotoStats
from photos.services import comment, like
from social.models import FeedEntry
from social.profiles import change_avatar, delete_account, edit_profile, remove_avatar
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, make_user, published, upload
from tests.social.lean import sent

pytestmark = pytest.mark.django_db


def files_in(folder: Path) -> list[Path]:
    """Return all files below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_only_what_belongs_to_a_profile_can_be_edited(alice: User) -> None:
    edit_profile(user=alice, bio="Hills and lakes")
    with pytest.raises(TypeError):
        edit_profile(user=alice, is_staff="yes")
    alice.refresh_from_db()
    assert alice.bio == "Hills and lakes"
    assert not alice.is_staff


def test_a_new_avatar_replaces_the_files_of_the_old_one(
    alice: User, own_media_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    change_avatar(user=alice, image=upload())
    first = {name for _, name in alice.avatar}
    with django_capture_on_commit_callbacks(execute=True):
        change_avatar(user=alice, image=upload())
    assert not any(default_storage.exists(name) for name in first)
    assert all(default_storage.exists(name) for _, name in alice.avatar)
    with django_capture_on_commit_callbacks(execute=True):
        remove_avatar(user=alice)
    assert alice.avatar == []
    assert files_in(own_media_folder) == []


def test_deleting_an_account_leaves_nothing_and_all_counters_true(
    alice: User, bob: User, own_media_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    hers, his = published(author=alice, image=upload()), make_photo(bob)
    change_avatar(user=alice, image=upload())
    make_follow(alice, bob)
    make_follow(bob, alice)
    for photo in (hers, his):
        like(user=alice, photo_id=photo.pk)
        comment(author=alice, photo_id=photo.pk, text="Mine")
    like(user=bob, photo_id=hers.pk)
    like(user=bob, photo_id=his.pk)
    with django_capture_on_commit_callbacks(execute=True):
        delete_account(user=alice)
    assert not User.objects.filter(username="alice").exists()
    assert list(Photo.objects.all()) == [his]
    assert not Comment.objects.exists()
    assert Like.objects.count() == 1
    assert not Follow.objects.exists()
    assert list(FeedEntry.objects.values_list("owner", flat=True)) == [bob.pk]
    stats = PhotoStats.objects.get()
    assert (stats.like_count, stats.comment_count) == (1, 0)
    counted = UserStats.objects.get()
    assert (counted.photo_count, counted.follower_count, counted.following_count) == (1, 0, 0)
    assert files_in(own_media_folder) == []


def talker(number: int) -> User:
    """Return somebody who likes so many photos, and comments, replies and likes below each."""
    author, person = make_user(), make_user()
    photos = Photo.objects.bulk_create(
        Photo(author=author, width=4, height=3, original=f"originals/{n}") for n in range(number)
    )
    PhotoStats.objects.bulk_create(PhotoStats(photo=photo) for photo in photos)
    Like.objects.bulk_create(Like(user=person, photo=photo) for photo in photos)
    theirs = Comment.objects.bulk_create(
        Comment(author=author, photo=photo, text="Oh") for photo in photos
    )
    Comment.objects.bulk_create(Comment(author=person, photo=photo, text="Ah") for photo in photos)
    Comment.objects.bulk_create(
        Comment(author=person, photo_id=one.photo_id, parent=one, text="So") for one in theirs
    )
    CommentLike.objects.bulk_create(CommentLike(user=person, comment=one) for one in theirs)
    reconcile(fix=True)
    return person


@pytest.mark.slow
def test_an_account_with_thousands_of_comments_is_deleted_in_bounded_batches(db: None) -> None:
    """Pitfall R3: the counters of others are put right 500 at a time, none by itself."""
    costs = []
    for number in (20, 1020):
        person = talker(number)
        with sent() as statements:
            delete_account(user=person)
        costs.append(len(statements))
        assert {wrong for _, wrong in reconcile(fix=False).values()} == {0}
        assert not Comment.objects.filter(author=person.pk).exists()
    assert costs[1] - costs[0] < 1000 / 10
