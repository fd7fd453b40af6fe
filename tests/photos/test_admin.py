"""The admin's pages about photos and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User, UserStats
from photos import services
from photos.models import Comment, Photo, PhotoStats, Removal
from tests.factories import make_photo, make_user
from tests.social.lean import sent

pytestmark = pytest.mark.django_db

PHOTOS = "/admin/photos/photo/"
COMMENTS = "/admin/photos/comment/"


@pytest.fixture
def desk(db: None) -> Client:
    """Return a browser in which an administrator is logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    return client


def staff(*permissions: str) -> User:
    """Return someone who may open the admin and has these rights in it."""
    user = make_user("helper")
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def stored_photo(author: User) -> Photo:
    """Publish a photo whose files exist."""
    photo = make_photo(author)
    for name in photo.file_names:
        default_storage.save(name, ContentFile(b"bytes"))
    return photo


def remove(client: Client, page: str, row: Any, *, bulk: bool) -> None:
    """Delete a row on its own page or from the list."""
    if bulk:
        ticked = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        client.post(page, ticked)
    else:
        client.post(f"{page}{row.pk}/delete/", {"post": "yes"})


def thumbnail(photo: Photo) -> str:
    return f"{PHOTOS}{photo.pk}/thumbnail/"


def test_photos_are_found_by_caption_and_author(desk: Client, alice: User, bob: User) -> None:
    make_photo(alice, "Harbour at dawn")
    make_photo(bob, "My cat")
    assert "Harbour" in desk.get(PHOTOS, {"q": "harbour"}).text
    assert "My cat" not in desk.get(PHOTOS, {"q": "alice"}).text


def test_the_list_shows_thumbnails_from_the_admin_itself(desk: Client, carol: User) -> None:
    photo = stored_photo(carol)
    assert thumbnail(photo) in desk.get(PHOTOS).text
    answer: Any = desk.get(thumbnail(photo))
    assert b"".join(answer.streaming_content) == b"bytes"
    assert answer["Content-Type"] == "image/webp"


def test_a_thumbnail_without_file_or_photo_is_404(desk: Client, alice: User) -> None:
    assert desk.get(thumbnail(make_photo(alice))).status_code == 404
    assert desk.get(f"{PHOTOS}7/thumbnail/").status_code == 404


def test_thumbnails_are_for_staff_with_the_right(
    browser_as: Callable[[User | None], Client], carol: User
) -> None:
    photo = stored_photo(carol)
    helper = staff()
    assert browser_as(None).get(thumbnail(photo)).status_code == 302
    assert browser_as(carol).get(thumbnail(photo)).status_code == 302
    assert browser_as(helper).get(thumbnail(photo)).status_code == 403


@pytest.mark.parametrize("bulk", [True, False])
def test_removing_a_photo_puts_it_into_the_bin_and_is_recorded(
    desk: Client, alice: User, bulk: bool, django_capture_on_commit_callbacks: Any
) -> None:
    photo = stored_photo(alice)
    with django_capture_on_commit_callbacks(execute=True):
        remove(desk, PHOTOS, photo, bulk=bulk)
    assert not Photo.objects.visible_to(alice).exists()
    assert UserStats.objects.get(user=alice).photo_count == 0
    assert all(default_storage.exists(name) for name in photo.file_names)
    removal = Removal.objects.get(photo=photo)
    assert (removal.by, removal.owner) == (Removal.By.MODERATORS, alice)
    assert removal.purge_at is not None
    assert LogEntry.objects.get().is_deletion()
    assert photo.code in LogEntry.objects.get().object_repr


def test_the_words_of_a_photo_are_corrected(desk: Client, alice: User) -> None:
    photo = make_photo(alice, "tpyo")
    desk.post(f"{PHOTOS}{photo.pk}/change/", {"caption": "typo", "alt_text": ""})
    photo.refresh_from_db()
    assert photo.caption == "typo"
    assert "Changed Caption" in str(LogEntry.objects.get())


@pytest.mark.parametrize("bulk", [True, False])
def test_removing_a_comment_is_counted_and_recorded(
    desk: Client, alice: User, bob: User, bulk: bool
) -> None:
    photo = make_photo(alice)
    comment = services.comment(author=bob, photo_id=photo.pk, text="Buy my pills")
    remove(desk, COMMENTS, comment, bulk=bulk)
    assert not Comment.objects.exists()
    assert PhotoStats.objects.get(photo=photo).comment_count == 0
    assert LogEntry.objects.get().object_repr == "Buy my pills"


def test_nobody_edits_or_adds_comments_here(desk: Client, alice: User) -> None:
    comment = services.comment(author=alice, photo_id=make_photo(alice).pk, text="mine")
    assert desk.get(f"{COMMENTS}add/").status_code == 403
    desk.post(f"{COMMENTS}{comment.pk}/change/", {"text": "yours"})
    comment.refresh_from_db()
    assert comment.text == "mine"


@pytest.mark.parametrize("page", [PHOTOS, COMMENTS])
def test_lists_cost_the_same_however_long(desk: Client, page: str) -> None:
    costs = []
    desk.get(page)
    for more in (3, 27):
        for _ in range(more):
            author = make_user()
            services.comment(author=author, photo_id=make_photo(author).pk, text="hello")
        with sent() as statements:
            assert desk.get(page).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


@pytest.mark.parametrize("page", [PHOTOS, COMMENTS])
def test_staff_without_the_right_are_refused(
    browser_as: Callable[[User], Client], page: str
) -> None:
    assert browser_as(staff()).get(page).status_code == 403


def test_looking_is_not_removing(browser_as: Callable[[User], Client], alice: User) -> None:
    photo = make_photo(alice)
    client = browser_as(staff("view_photo"))
    assert client.get(PHOTOS).status_code == 200
    remove(client, PHOTOS, photo, bulk=True)
    assert client.post(f"{PHOTOS}{photo.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Photo.objects.exists()


def test_a_caption_is_changed_with_its_links_and_comments_are_switched_off(
    desk: Client, alice: User
) -> None:
    photo = make_photo(alice, caption="#a")
    words = {"caption": "now #b", "alt_text": "", "comments_off": "on"}
    desk.post(f"{PHOTOS}{photo.pk}/change/", words)
    photo.refresh_from_db()
    assert photo.caption_entities == [["tag", 4, 6, "b"]]
    assert photo.comments_off
