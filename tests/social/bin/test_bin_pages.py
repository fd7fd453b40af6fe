"""The pages, the API and the admin's list of what was deleted."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.bin import move_to_bin
from photos.models import KEPT, DeletedComment, Photo, Removal
from photos.services import comment, delete_comment
from social.albums import deleting
from social.models import Album, ModerationCase, ModerationLogEntry
from social.moderation import appeals, deciding, evidence
from social.moderation.models import Verb
from tests.factories import make_photo, make_user, picture, published
from tests.social.albums.scene import make_album
from tests.social.bin.test_bin import grow_old
from tests.social.moderation.scene import decided, make_moderator, reported

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def root(db: None) -> User:
    user = make_user("root")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def test_a_page_lists_what_was_deleted_and_brings_it_back(browser_as: As, alice: User) -> None:
    photo = make_photo(alice, "At the sea")
    client = browser_as(alice)
    assert "disappears at once" in client.get(f"/p/{photo.code}/delete/").text
    client.post(f"/p/{photo.code}/delete/")
    page = client.get("/settings/deleted/").text
    assert "At the sea" in page
    assert f"/settings/deleted/{photo.code}/restore/" in page
    answer = client.post(f"/settings/deleted/{photo.code}/restore/", follow=True)
    assert "The photo has been restored." in answer.text
    assert answer.redirect_chain[-1][0] == f"/p/{photo.code}/"
    assert "You haven’t deleted any photos" in client.get("/settings/deleted/").text


def test_a_page_asks_before_it_deletes_for_good(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    move_to_bin(photo=photo)
    client = browser_as(alice)
    assert (
        "Nobody can bring them back" in client.get(f"/settings/deleted/{photo.code}/delete/").text
    )
    assert Photo.objects.exists()
    answer = client.post(f"/settings/deleted/{photo.code}/delete/", follow=True)
    assert "The photo has been permanently deleted." in answer.text
    assert not Photo.objects.exists()


@pytest.mark.parametrize("kind", ["albums/", "comments/"])
def test_the_menu_of_the_settings_marks_the_bin_on_all_its_lists(
    browser_as: As, alice: User, kind: str
) -> None:
    page = browser_as(alice).get(f"/settings/deleted/{kind}").text
    assert '<a href="/settings/deleted/" aria-current="true">Recently deleted</a>' in page
    assert f'<a href="/settings/deleted/{kind}" aria-current="page">' in page
    assert page.count('aria-current="true">') == 2  # the menu, and the one of small windows


def test_nobody_else_comes_near_it(
    api_as: As, browser_as: As, alice: User, bob: User, root: User
) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    move_to_bin(photo=photo)
    for person in (bob, root):
        client = browser_as(person)
        assert client.get("/settings/deleted/").status_code == 200
        for act in ("restore", "delete"):
            answer = client.post(f"/settings/deleted/{photo.code}/{act}/")
            assert answer.status_code == 404
        assert client.get(f"/settings/deleted/{photo.code}/picture/").status_code == 404
        api = api_as(person)
        assert api.get("/api/v1/me/deleted/").json()["results"] == []
        assert api.get(f"/api/v1/me/deleted/{photo.pk}/picture/").status_code == 404
        assert api.delete(f"/api/v1/me/deleted/{photo.pk}/").status_code == 404
    assert browser_as(None).get("/settings/deleted/").status_code == 302
    assert api_as(None).get("/api/v1/me/deleted/").status_code == 401
    assert Removal.objects.count() == 1


def test_the_api_lists_restores_and_deletes(api_as: As, alice: User) -> None:
    first = published(author=alice, image=BytesIO(picture()), caption="First")
    second = make_photo(alice, "Second")
    client = api_as(alice)
    for photo in (first, second):
        assert client.delete(f"/api/v1/photos/{photo.pk}/").status_code == 204
    rows = client.get("/api/v1/me/deleted/").json()["results"]
    assert [row["caption"] for row in rows] == ["Second", "First"]
    assert all(row["can_restore"] for row in rows)
    assert rows[0]["deleted_at"] < rows[0]["purge_at"]
    shown = client.get(rows[1]["picture"])
    assert shown.headers["Content-Type"] == "image/webp"
    assert b"".join(shown.streaming_content)[8:12] == b"WEBP"
    answer = client.post(f"/api/v1/me/deleted/{first.pk}/restore/")
    assert (answer.status_code, answer.json()["caption"]) == (200, "First")
    assert client.delete(f"/api/v1/me/deleted/{second.pk}/").status_code == 204
    assert client.delete(f"/api/v1/me/deleted/{second.pk}/").status_code == 404
    assert list(Photo.objects.all()) == [first]


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_costs_as_much_with_many_photos(
    api_as: As, alice: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        move_to_bin(photo=make_photo(alice))
    client = api_as(alice)
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/me/deleted/").json()["results"]) == count


def test_the_list_is_paged(browser_as: As, api_as: As, alice: User) -> None:
    for number in range(25):
        move_to_bin(photo=make_photo(alice, f"Photo {number}."))
    first = api_as(alice).get("/api/v1/me/deleted/?limit=20").json()
    assert len(first["results"]) == 20
    assert len(api_as(alice).get(first["next"]).json()["results"]) == 5
    page = browser_as(alice).get("/settings/deleted/").text
    address = page.partition('rel="next" href="')[2].partition('"')[0]
    assert "Photo 0." in browser_as(alice).get(f"/settings/deleted/{address}").text


def test_a_reported_photo_stays_for_who_judges_it(
    browser_as: As, api_as: As, alice: User, root: User
) -> None:
    """Pitfall R1: neither deletion nor the end of the bin takes the evidence away."""
    photo = published(author=alice, image=BytesIO(picture()), caption="Bad words")
    case = reported(photo)
    move_to_bin(photo=photo)
    assert api_as(alice).delete(f"/api/v1/me/deleted/{photo.pk}/").status_code == 204
    assert api_as(alice).get("/api/v1/me/deleted/").json()["results"] == []
    assert evidence.empty_bin() == 0
    desk = browser_as(root)
    assert "Bad words" in desk.get(f"/admin/social/moderationcase/{case.pk}/change/").text
    shown: Any = desk.get(f"/admin/social/moderationcase/{case.pk}/picture/1/")
    assert b"".join(shown.streaming_content)[8:12] == b"WEBP"
    deciding.decide(case=case, moderator=root, verb=Verb.DISMISS, reason="Gone anyway.")
    assert evidence.empty_bin() == 1
    assert not Photo.objects.exists()
    assert ModerationCase.objects.get().snapshot["text"] == "Bad words"


def test_an_open_appeal_keeps_what_was_removed(alice: User) -> None:
    mona = make_moderator()
    decision = decided(make_photo(alice), Verb.REMOVE, mona)
    appeals.appeal(decision=decision, words="It is mine!")
    grow_old()
    assert evidence.empty_bin() == 0
    deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=False)
    assert evidence.empty_bin() == 1
    assert ModerationLogEntry.objects.order_by("-pk")[0].act == "deleted"


def test_staff_see_the_bin_and_bring_back_what_staff_deleted(
    browser_as: As, alice: User, root: User
) -> None:
    by_staff, by_alice, decided_on = (make_photo(alice) for _ in range(3))
    desk = browser_as(root)
    desk.post(
        "/admin/photos/photo/",
        {"action": "delete_selected", "_selected_action": by_staff.pk, "post": "yes"},
    )
    assert Photo.objects.get(pk=by_staff.pk).hidden
    move_to_bin(photo=by_alice)
    decided(decided_on, Verb.REMOVE, make_moderator())
    listed = desk.get("/admin/photos/removal/").text
    for photo in (by_staff, by_alice, decided_on):
        assert photo.code in listed
    assert by_alice.code in desk.get(f"/admin/photos/removal/?q={by_alice.code}").text
    selected = list(Removal.objects.values_list("pk", flat=True))
    answer = desk.post(
        "/admin/photos/removal/",
        {"action": "bring_back", "_selected_action": selected},
        follow=True,
    )
    assert "only they can bring it back" in answer.text
    assert "take it back in its case" in answer.text
    shown = Photo.objects.visible_to(alice)
    assert list(shown) == [by_staff]


def test_staff_delete_for_good_what_is_in_the_bin(browser_as: As, alice: User, root: User) -> None:
    for _ in range(2):
        move_to_bin(photo=make_photo(alice))
    decided(make_photo(alice), Verb.HIDE, make_moderator())
    selected = list(Removal.objects.values_list("pk", flat=True))
    browser_as(root).post(
        "/admin/photos/removal/",
        {"action": "delete_selected", "_selected_action": selected, "post": "yes"},
    )
    assert not Photo.objects.exists()


def test_the_bin_of_the_admin_is_for_those_with_the_permission(browser_as: As, alice: User) -> None:
    plain = make_moderator("plain", "view_moderationcase")
    assert browser_as(plain).get("/admin/photos/removal/").status_code == 403


@pytest.mark.parametrize("command", [("maintain",), ("worker", "--once")])
@pytest.mark.django_db(transaction=True)
def test_maintenance_and_the_worker_empty_the_bin(
    alice: User, settings: Any, command: tuple[str, ...]
) -> None:
    settings.BACKGROUND_WORKER = command[0] == "worker"
    photo, album = make_photo(alice), make_album(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Soon forgotten")
    move_to_bin(photo=make_photo(alice))
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    delete_comment(comment=written, by=alice)
    grow_old()
    Album.with_deleted.update(bin_id=id_at(timezone.now() - KEPT) - 1)
    DeletedComment.objects.update(id=id_at(timezone.now() - KEPT) - 1)
    call_command(*command)
    assert list(Photo.objects.all()) == [photo]
    assert not Album.with_deleted.exists()
    assert not DeletedComment.objects.exists()
