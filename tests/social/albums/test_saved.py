"""Saved photos: kept for oneself, shown as far as one may see them, told to nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.models import Mute, User
from photos import hiding
from photos.models import Photo
from photos.services import delete_photo
from social import follows
from social.albums import saved
from social.albums.models import SavedPhoto
from tests.factories import make_follow, make_photo
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]


def saved_ids(client: APIClient) -> list[str]:
    """Return the ids on the first page of what a client has saved."""
    answer = client.get("/api/v1/me/saved/")
    assert answer.status_code == 200
    return [photo["id"] for photo in answer.json()["results"]]


def test_what_is_saved_is_listed_the_latest_first(api_as: ApiAs, alice: User, bob: User) -> None:
    older, newer = make_photo(alice), make_photo(alice)
    client = api_as(bob)
    for photo in (newer, older):
        answer = client.put(f"/api/v1/photos/{photo.pk}/saved/")
        assert (answer.status_code, answer.json()) == (200, {"saved": True})
    assert saved_ids(client) == [str(older.pk), str(newer.pk)]


def test_saving_and_taking_out_again_change_nothing(api_as: ApiAs, alice: User, bob: User) -> None:
    photo, client = make_photo(alice), api_as(bob)
    for _ in range(2):
        assert client.put(f"/api/v1/photos/{photo.pk}/saved/").json() == {"saved": True}
    assert SavedPhoto.objects.count() == 1
    assert client.get(f"/api/v1/photos/{photo.pk}/saved/").json() == {"saved": True}
    for _ in range(2):
        assert client.delete(f"/api/v1/photos/{photo.pk}/saved/").json() == {"saved": False}
    assert saved_ids(client) == []


def hide_by_block(author: User, viewer: User, photo: Photo) -> Callable[[], object]:
    follows.block(blocker=author, blocked=viewer)
    return lambda: follows.unblock(blocker=author, blocked=viewer)


def hide_by_own_block(author: User, viewer: User, photo: Photo) -> Callable[[], object]:
    follows.block(blocker=viewer, blocked=author)
    return lambda: follows.unblock(blocker=viewer, blocked=author)


def hide_by_privacy(author: User, viewer: User, photo: Photo) -> Callable[[], object]:
    follows.set_privacy(user=author, private=True)
    return lambda: make_follow(viewer, author)


def hide_by_suspension(author: User, viewer: User, photo: Photo) -> Callable[[], object]:
    services.suspend(user=author)
    return lambda: services.restore(user=author)


def hide_by_moderation(author: User, viewer: User, photo: Photo) -> Callable[[], object]:
    hiding.hide_photo(photo=photo)
    return lambda: hiding.show_photo(photo=photo)


HIDING = [
    hide_by_block,
    hide_by_own_block,
    hide_by_privacy,
    hide_by_suspension,
    hide_by_moderation,
]


@pytest.mark.parametrize("hide", HIDING)
def test_what_is_hidden_leaves_the_list_and_comes_back(
    api_as: ApiAs,
    browser_as: As,
    alice: User,
    bob: User,
    hide: Callable[[User, User, Photo], Callable[[], object]],
) -> None:
    photo = make_photo(alice, "a caption to look for")
    saved.save(user=bob, photo_id=photo.pk)
    show = hide(alice, bob, photo)
    client = api_as(bob)
    assert saved_ids(client) == []
    assert client.get(f"/api/v1/me/saved/states/?ids={photo.pk}").json() == {"saved": []}
    assert client.put(f"/api/v1/photos/{photo.pk}/saved/").status_code == 404
    assert photo.code not in browser_as(bob).get("/saved/").text
    show()
    assert saved_ids(client) == [str(photo.pk)]
    assert photo.code in browser_as(bob).get("/saved/").text


def test_muting_hides_nothing_that_is_saved(api_as: ApiAs, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    saved.save(user=bob, photo_id=photo.pk)
    Mute.objects.create(muter=bob, muted=alice)
    assert saved_ids(api_as(bob)) == [str(photo.pk)]


def test_the_owner_never_learns_who_saved(
    api_as: ApiAs, browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    addresses = [f"/api/v1/photos/{photo.pk}/", f"/api/v1/photos/{photo.pk}/likes/"]
    addresses += ["/api/v1/feed/", "/api/v1/users/alice/", "/api/v1/me/saved/"]
    before = [api_as(alice).get(address).json() for address in addresses]
    saved.save(user=bob, photo_id=photo.pk)
    assert [api_as(alice).get(address).json() for address in addresses] == before
    assert "bob" not in browser_as(alice).get(f"/p/{photo.code}/").text
    assert "bob" not in browser_as(alice).get(f"/p/{photo.code}/save/").text


def test_a_client_asks_for_a_page_of_photos_at_once(api_as: ApiAs, alice: User, bob: User) -> None:
    photos = [make_photo(alice) for _ in range(3)]
    for photo in photos[:2]:
        saved.save(user=bob, photo_id=photo.pk)
    ids = ",".join(str(photo.pk) for photo in photos)
    answer = api_as(bob).get(f"/api/v1/me/saved/states/?ids={ids}")
    assert answer.json() == {"saved": [str(photo.pk) for photo in photos[:2]]}
    assert api_as(alice).get(f"/api/v1/me/saved/states/?ids={ids}").json() == {"saved": []}


@pytest.mark.parametrize("ids", ["", "x", "1,,2", "-1", "0", ",".join(["1"] * 51)])
def test_what_are_no_ids_is_said(api_as: ApiAs, alice: User, ids: str) -> None:
    answer = api_as(alice).get("/api/v1/me/saved/states/", {"ids": ids})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["ids"])


def test_a_page_of_it_costs_the_same_however_long_it_is(
    api_as: ApiAs, alice: User, bob: User
) -> None:
    client = api_as(bob)
    counts = set()
    for _ in range(2):
        for _ in range(10):
            saved.save(user=bob, photo_id=make_photo(alice).pk)
        with sent() as statements:
            assert len(saved_ids(client)) >= 10
        counts.add(len(statements))
    assert counts == {3}


def test_pages_follow_each_other_by_cursor(api_as: ApiAs, alice: User, bob: User) -> None:
    photos = [make_photo(alice) for _ in range(5)]
    for photo in photos:
        saved.save(user=bob, photo_id=photo.pk)
    address, seen = "/api/v1/me/saved/?limit=2", []
    while address:
        body = api_as(bob).get(address).json()
        seen += [photo["id"] for photo in body["results"]]
        address = body["next"]
    assert seen == [str(photo.pk) for photo in reversed(photos)]


def test_without_a_script_the_button_leads_to_what_can_be_done(
    browser_as: As, alice: User, bob: User
) -> None:
    photo, browser = make_photo(alice), browser_as(bob)
    assert f'action="/p/{photo.code}/save/"' in browser.get(f"/p/{photo.code}/").text
    answer = browser.post(f"/p/{photo.code}/save/", follow=True)
    assert answer.redirect_chain == [(f"/p/{photo.code}/save/", 302)]
    assert f'action="/p/{photo.code}/unsave/"' in answer.text
    answer = browser.post(f"/p/{photo.code}/unsave/", follow=True)
    assert not SavedPhoto.objects.exists()
    assert "Save photo" in answer.text


def test_a_script_is_given_the_button_that_takes_it_back(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    answer = browser_as(bob).post(f"/p/{photo.code}/save/", headers={"HX-Request": "true"})
    assert "<main" not in answer.text
    assert f'action="/p/{photo.code}/unsave/"' in answer.text
    assert 'aria-pressed="true"' in answer.text


def test_the_cards_of_the_feed_have_the_button(browser_as: As, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    assert f'action="/p/{photo.code}/save/"' in browser_as(bob).get("/feed/").text


def test_visitors_are_sent_to_the_log_in(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    for address in ("/saved/", f"/p/{photo.code}/save/"):
        assert browser_as(None).get(address)["Location"].startswith("/login/")
    assert "/save/" not in browser_as(None).get(f"/p/{photo.code}/").text


def test_a_photo_that_is_deleted_is_saved_no_more(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    saved.save(user=bob, photo_id=photo.pk)
    delete_photo(photo=photo)
    assert not SavedPhoto.objects.exists()
