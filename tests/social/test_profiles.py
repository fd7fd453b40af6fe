"""Profiles: editing, avatars, and deleting an account with all that is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import Follow, User, UserStats
from photos.models import Comment, Like, Photo, PhotoStats
from photos.services import comment, like
from social.models import FeedEntry
from social.profiles import change_avatar, delete_account, edit_profile, remove_avatar
from tests.factories import make_follow, make_photo, published, upload

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
