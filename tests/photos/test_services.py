"""Verbs on photos: likes, comments, editing, deleting, and the counters that follow them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from photos.models import Comment, Like, Photo, PhotoStats
from photos.services import (
    PhotoGone,
    comment,
    delete_comment,
    delete_photo,
    edit_photo,
    like,
    recount,
    unlike,
)
from tests.factories import make_photo, published, upload

pytestmark = pytest.mark.django_db


def counters(photo: Photo) -> tuple[int, int]:
    """Return likes and comments as counted."""
    stats = PhotoStats.objects.get(photo=photo)
    return stats.like_count, stats.comment_count


def test_a_like_counts_once_however_often_it_is_given(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    like(user=bob, photo_id=photo.pk)
    assert counters(photo) == (1, 0)
    assert Like.objects.count() == 1


def test_a_like_is_taken_back_once(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    unlike(user=bob, photo_id=photo.pk)
    unlike(user=bob, photo_id=photo.pk)
    assert counters(photo) == (0, 0)


def test_a_photo_that_is_gone_takes_neither_likes_nor_comments(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    PhotoStats.objects.filter(photo=photo).delete()
    with pytest.raises(PhotoGone):
        like(user=bob, photo_id=photo.pk)
    with pytest.raises(PhotoGone):
        comment(author=bob, photo_id=photo.pk, text="late")
    assert not Like.objects.exists()
    assert not Comment.objects.exists()


def test_comments_are_counted_when_written_and_when_deleted(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    first = comment(author=bob, photo_id=photo.pk, text="Lovely")
    comment(author=alice, photo_id=photo.pk, text="Thank you")
    assert counters(photo) == (0, 2)
    delete_comment(comment=first)
    delete_comment(comment=first)
    assert counters(photo) == (0, 1)


def test_editing_leaves_what_is_not_named(alice: User) -> None:
    photo = make_photo(alice, caption="Before", alt_text="A hill")
    edit_photo(photo=photo, caption="After")
    photo.refresh_from_db()
    assert (photo.caption, photo.alt_text) == ("After", "A hill")


def test_deleting_removes_rows_and_files(
    alice: User, bob: User, own_media_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    photo = published(author=alice, image=upload(), caption="Soon gone")
    like(user=bob, photo_id=photo.pk)
    comment(author=bob, photo_id=photo.pk, text="Oh")
    assert all(default_storage.exists(name) for name in photo.file_names)
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo=photo)
    assert not [path for path in own_media_folder.rglob("*") if path.is_file()]
    assert not Like.objects.exists()
    assert not Comment.objects.exists()
    alice.stats.refresh_from_db()
    assert alice.stats.photo_count == 0


def test_deleting_twice_is_refused(alice: User) -> None:
    photo = make_photo(alice)
    again = Photo.objects.get(pk=photo.pk)
    delete_photo(photo=photo)
    with pytest.raises(PhotoGone):
        delete_photo(photo=again)
    alice.stats.refresh_from_db()
    assert alice.stats.photo_count == 0


def test_recount_mends_what_has_drifted_and_says_how_much(alice: User, bob: User) -> None:
    photo, right = make_photo(alice), make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    PhotoStats.objects.filter(photo=photo).update(like_count=40, comment_count=2)
    assert recount([photo.pk, right.pk]) == 1
    assert counters(photo) == (1, 0)
    assert recount([photo.pk, right.pk]) == 0
