"""What a person deletes is nowhere at once, and can be brought back for 30 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User, UserStats
from minigram_site.storage import public_links
from photos.bin import CannotRestore, deleted_photo, give_up, move_to_bin, purge, restore
from photos.files.links import link_photo
from photos.models import KEPT, Comment, Like, Photo, Removal
from photos.services import PhotoGone, comment, like, unlike
from social import feed, follows, profiles
from social.models import FeedEntry
from social.moderation import deciding, evidence
from social.moderation.models import Verb
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, make_user, picture, published
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def drift() -> int:
    """Return how many people and photos have wrong counters."""
    return sum(wrong for _, wrong in reconcile(fix=False).values())


def grow_old() -> None:
    """Let all that is in the bin have been there for long enough."""
    Removal.objects.exclude(purge_at=None).update(purge_at=timezone.now() - timedelta(minutes=1))


def test_a_deleted_photo_is_nowhere_and_comes_back_where_it_was(
    api_as: As, browser_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    before, photo, after = (make_photo(alice, f"Number {n} #sea") for n in range(3))
    like(user=bob, photo_id=photo.pk)
    written = comment(author=bob, photo_id=photo.pk, text="Nice")
    assert browser_as(alice).post(f"/p/{photo.code}/delete/").status_code == 302
    for person in (None, alice, bob):
        assert browser_as(person).get(f"/p/{photo.code}/").status_code == 404
    for person in (alice, bob):
        client = api_as(person)
        assert client.get(f"/api/v1/photos/{photo.pk}/").status_code == 404
        assert client.put(f"/api/v1/photos/{photo.pk}/like/").status_code == 404
        lists = ("feed/", "explore/", "explore/?sort=popular", "users/alice/photos/")
        for path in (*lists, "tags/sea/photos/"):
            shown = [row["id"] for row in client.get(f"/api/v1/{path}").json()["results"]]
            assert sorted(shown) == [str(before.pk), str(after.pk)]
    assert api_as(bob).get("/api/v1/users/alice/").json()["photo_count"] == 2
    assert drift() == 0
    restore(removal=deleted_photo(alice, photo.pk))
    body = api_as(bob).get(f"/api/v1/photos/{photo.pk}/").json()
    assert (body["like_count"], body["comment_count"], body["liked"]) == (1, 1, True)
    found = api_as(bob).get("/api/v1/feed/").json()["results"]
    assert [row["id"] for row in found] == [str(one.pk) for one in (after, photo, before)]
    assert Comment.objects.get().pk == written.pk
    assert not Removal.objects.exists()
    assert drift() == 0


def test_its_pictures_leave_their_addresses_at_once(browser_as: As, alice: User) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    link_photo(photo)
    name = photo.renditions[0][2].rpartition("/")[2]
    move_to_bin(photo=photo)
    assert not public_links.is_linked("photos", photo.code, name)
    for person in (None, alice):
        answer = browser_as(person).get(f"/media/photos/{photo.code}/{name}")
        assert answer.status_code == 404
    own: Any = browser_as(alice).get(f"/settings/deleted/{photo.code}/picture/")
    assert b"".join(own.streaming_content)[8:12] == b"WEBP"
    assert own.headers["Cache-Control"] == "private, no-store"


def test_feeds_lose_the_photo_and_get_it_back(alice: User, bob: User) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    move_to_bin(photo=photo)
    assert not FeedEntry.objects.filter(photo=photo.pk).exists()
    feed.rebuild(bob)
    carol = make_user()
    make_follow(carol, alice)
    assert not FeedEntry.objects.filter(photo=photo.pk).exists()
    assert feed.pulled_ids(bob, None, 10) == []
    restore(removal=deleted_photo(alice, photo.pk))
    for reader in (alice, bob, carol):
        assert [card.id for card in feed.feed_page(reader, None).items] == [photo.pk]


def test_a_profile_is_full_although_much_of_it_is_in_the_bin(browser_as: As, alice: User) -> None:
    kept = make_photo(alice)
    for _ in range(30):
        move_to_bin(photo=make_photo(alice))
    assert f"/p/{kept.code}/" in browser_as(None).get("/@alice/").text


def test_likes_from_before_can_end_while_it_is_in_the_bin(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    move_to_bin(photo=photo)
    unlike(user=bob, photo_id=photo.pk)
    assert drift() == 0


def test_the_bin_is_emptied_after_thirty_days_and_not_before(
    alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    move_to_bin(photo=photo)
    removal = Removal.objects.get()
    kept = removal.purge_at - removal.created_at if removal.purge_at else None
    assert kept is not None
    assert abs(kept - KEPT) < timedelta(minutes=1)
    assert evidence.empty_bin() == 0
    assert not purge(removal=removal)
    grow_old()
    with django_capture_on_commit_callbacks(execute=True):
        assert evidence.empty_bin() == 1
    assert not Photo.objects.exists()
    assert not any(default_storage.exists(name) for name in photo.file_names)
    assert drift() == 0
    assert evidence.empty_bin() == 0


def test_the_bin_is_emptied_in_bounded_parts(alice: User) -> None:
    for _ in range(3):
        move_to_bin(photo=make_photo(alice))
    grow_old()
    assert evidence.empty_bin(limit=2) == 2
    assert evidence.empty_bin(limit=2) == 1


def test_what_is_deleted_for_good_goes_with_its_files(
    alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    move_to_bin(photo=photo)
    with django_capture_on_commit_callbacks(execute=True):
        evidence.delete_for_good(removal=deleted_photo(alice, photo.pk))
    assert not Photo.objects.exists()
    assert not default_storage.exists(photo.original)


def test_who_deletes_the_account_leaves_nothing_in_the_bin(
    alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    move_to_bin(photo=photo)
    with django_capture_on_commit_callbacks(execute=True):
        profiles.delete_account(user=alice)
    assert not Photo.objects.exists()
    assert not Removal.objects.exists()
    assert not default_storage.exists(photo.original)


def test_what_was_brought_back_or_is_gone_cannot_be_again(alice: User) -> None:
    photo = make_photo(alice)
    move_to_bin(photo=photo)
    removal = deleted_photo(alice, photo.pk)
    restore(removal=removal)
    for act in (restore, give_up):
        with pytest.raises(PhotoGone):
            act(removal=removal)
    assert not purge(removal=removal)
    photo.delete()
    with pytest.raises(PhotoGone):
        move_to_bin(photo=Photo(pk=1, author=alice))


def test_the_author_cannot_undo_what_moderators_removed(api_as: As, alice: User, bob: User) -> None:
    mona = make_moderator()
    photo = make_photo(alice)
    move_to_bin(photo=photo)
    decision = decided(photo, Verb.REMOVE, mona)
    removal = deleted_photo(alice, photo.pk)
    with pytest.raises(CannotRestore):
        restore(removal=removal)
    answer = api_as(alice).post(f"/api/v1/me/deleted/{photo.pk}/restore/")
    assert (answer.status_code, answer.json()["code"]) == (409, "hidden_by_moderators")
    deciding.undo(decision=decision, moderator=mona)
    assert not Photo.objects.visible_to(alice).exists()
    restore(removal=removal)
    assert Photo.objects.visible_to(alice).exists()
    assert drift() == 0


def test_what_moderators_removed_is_not_in_the_list_of_its_author(api_as: As, alice: User) -> None:
    mona = make_moderator()
    photo = make_photo(alice)
    decided(photo, Verb.REMOVE, mona)
    client = api_as(alice)
    assert client.get("/api/v1/me/deleted/").json()["results"] == []
    assert client.post(f"/api/v1/me/deleted/{photo.pk}/restore/").status_code == 404
    assert client.delete(f"/api/v1/me/deleted/{photo.pk}/").status_code == 404


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_counters_are_right_after_any_order_of_deleting_and_hiding(
    alice: User, bob: User, order: tuple[int, ...]
) -> None:
    """Pitfall R3: each state takes the photo out of the counters once."""
    mona = make_moderator()
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    acts = (
        lambda: move_to_bin(photo=photo),
        lambda: decided(photo, Verb.HIDE, mona),
        lambda: decided(photo, Verb.REMOVE, mona),
    )
    for number in order:
        acts[number]()
        assert drift() == 0
        assert UserStats.objects.get(user=alice).photo_count == 0
    for decision in alice.decisions.order_by("pk"):
        deciding.undo(decision=decision, moderator=mona)
        assert drift() == 0
    restore(removal=deleted_photo(alice, photo.pk))
    assert drift() == 0
    assert UserStats.objects.get(user=alice).photo_count == 1
    assert Like.objects.count() == 1


def test_blocks_and_privacy_meanwhile_hold_when_it_comes_back(alice: User, bob: User) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    move_to_bin(photo=photo)
    follows.block(blocker=alice, blocked=bob)
    follows.set_privacy(user=alice, private=True)
    restore(removal=deleted_photo(alice, photo.pk))
    assert not Photo.objects.visible_to(bob).exists()
    assert feed.feed_page(bob, None).items == []
