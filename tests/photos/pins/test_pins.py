"""Pinned photos: the first on a profile, in their order, each once, three at the most."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import User
from photos import hiding, pins
from photos.models import Photo, Pin
from photos.pins import CannotPin, pinned_cards
from photos.services import delete_photo
from tests.factories import make_follow, make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def order(author: User, viewer: Any = None) -> list[int]:
    """Return the ids of the pinned photos that somebody sees."""
    return [card.id for card in pinned_cards(author, viewer or author)]


def tiles(client: Client, path: str) -> list[str]:
    """Return the codes of the photos in the grid of a page."""
    page = client.get(path).content.decode()
    return re.findall(r'class="tile[^"]*"\s+id="[\w-]+" href="/p/(\w+)/"', page)


def test_what_is_pinned_last_comes_first_and_again_moves_to_the_front(alice: User) -> None:
    photos = [make_photo(alice) for _ in range(3)]
    for photo in photos:
        pins.pin(photo=photo)
    assert order(alice) == [photo.pk for photo in reversed(photos)]
    pins.pin(photo=photos[0])
    assert order(alice) == [photos[0].pk, photos[2].pk, photos[1].pk]
    pins.unpin(photo=photos[2])
    pins.unpin(photo=photos[2])
    assert order(alice) == [photos[0].pk, photos[1].pk]


def test_a_fourth_is_refused_with_a_sentence(alice: User) -> None:
    photos = [make_photo(alice) for _ in range(4)]
    for photo in photos[:3]:
        pins.pin(photo=photo)
    with pytest.raises(CannotPin, match="Unpin one first"):
        pins.pin(photo=photos[3])
    assert Pin.objects.count() == 3


def test_the_database_has_room_for_three(alice: User) -> None:
    photo = make_photo(alice)
    for place in (0, 4):
        with pytest.raises(IntegrityError), transaction.atomic():
            Pin.objects.create(photo=photo, author=alice, place=place)
    Pin.objects.create(photo=photo, author=alice, place=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pin.objects.create(photo=make_photo(alice), author=alice, place=1)


@pytest.mark.parametrize("away", [hiding.archive_photo, hiding.hide_photo, delete_photo])
def test_a_photo_out_of_sight_is_not_shown_and_takes_no_room(
    alice: User, away: Callable[..., Any]
) -> None:
    photos = [make_photo(alice) for _ in range(4)]
    for photo in photos[:3]:
        pins.pin(photo=photo)
    away(photo=photos[0])
    assert order(alice) == [photos[2].pk, photos[1].pk]
    pins.pin(photo=photos[3])
    assert order(alice) == [photos[3].pk, photos[2].pk, photos[1].pk]


def test_a_photo_that_is_back_soon_has_kept_its_pin(alice: User) -> None:
    photo = make_photo(alice)
    pins.pin(photo=photo)
    hiding.archive_photo(photo=photo)
    with pytest.raises(CannotPin, match="archive"):
        pins.pin(photo=photo)
    hiding.bring_back_photo(photo=photo)
    assert order(alice) == [photo.pk]


def test_pins_show_nothing_that_their_viewer_may_not_see(
    api_as: As, alice: User, carol: User
) -> None:
    photo = make_photo(carol)
    pins.pin(photo=photo)
    assert order(carol, alice) == order(carol, AnonymousUser()) == []
    assert api_as(alice).get("/api/v1/users/carol/pins/").status_code == 403
    make_follow(alice, carol)
    assert order(carol, alice) == [photo.pk]


def test_a_profile_shows_pinned_photos_first_and_once_on_all_its_pages(
    browser_as: As, alice: User
) -> None:
    photos = [make_photo(alice) for _ in range(27)]
    codes = [photo.code for photo in reversed(photos)]
    for photo in (photos[0], photos[26]):
        pins.pin(photo=photo)
    browser: Client = browser_as(None)
    first = tiles(browser, "/@alice/")
    assert first[:2] == [photos[26].code, photos[0].code]
    assert first[2:] == codes[1:25]
    cursor = re.findall(r"\?cursor=(n\d+)", browser.get("/@alice/").content.decode())[0]
    assert tiles(browser, f"/@alice/?cursor={cursor}") == codes[25:26]


def test_a_profile_of_pinned_photos_alone_is_not_empty(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    pins.pin(photo=photo)
    assert tiles(browser_as(None), "/@alice/") == [photo.code]


def test_pages_pin_and_unpin(browser_as: As, alice: User) -> None:
    photos = [make_photo(alice) for _ in range(4)]
    browser: Client = browser_as(alice)
    assert "Pin to your profile" in browser.get(f"/p/{photos[0].code}/place/").content.decode()
    for photo in photos[:3]:
        page = browser.post(f"/p/{photo.code}/pin/", follow=True).content.decode()
        assert "The photo is now pinned to the top of your profile." in page
    page = browser.post(f"/p/{photos[3].code}/pin/", follow=True).content.decode()
    assert "You’ve already pinned 3 photos. Unpin one first." in page
    assert "Move to the front" in browser.get(f"/p/{photos[0].code}/place/").content.decode()
    browser.post(f"/p/{photos[0].code}/unpin/")
    assert order(alice) == [photos[2].pk, photos[1].pk]


def test_the_api_pins_lists_and_unpins(api_as: As, alice: User, bob: User) -> None:
    photos = [make_photo(alice) for _ in range(4)]
    client = api_as(alice)
    for photo in photos[:3]:
        assert client.put(f"/api/v1/photos/{photo.pk}/pin/").status_code == 204
    refused = client.put(f"/api/v1/photos/{photos[3].pk}/pin/")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_pins")
    assert api_as(bob).put(f"/api/v1/photos/{photos[0].pk}/pin/").status_code == 403
    page = api_as(bob).get("/api/v1/users/alice/pins/?limit=2").json()
    found = [row["id"] for row in page["results"]]
    rest = api_as(bob).get(page["next"]).json()
    found += [row["id"] for row in rest["results"]]
    assert found == [str(photo.pk) for photo in photos[2::-1]]
    assert api_as(bob).get(rest["previous"]).json()["results"] == page["results"]
    for _ in range(2):
        assert client.delete(f"/api/v1/photos/{photos[2].pk}/pin/").status_code == 204
    # Their list is what it was: a client knows from both which come first.
    listed = api_as(bob).get("/api/v1/users/alice/photos/").json()["results"]
    assert [row["id"] for row in listed] == [str(photo.pk) for photo in reversed(photos)]
    hiding.archive_photo(photo=photos[0])
    refused = client.put(f"/api/v1/photos/{photos[0].pk}/pin/")
    assert (refused.status_code, refused.json()["code"]) == (409, "archived")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_many_pins_at_once_leave_three_in_an_order(alice: User) -> None:
    photos = [make_photo(alice) for _ in range(8)]

    def pin(photo: Photo) -> bool:
        try:
            with suppress(CannotPin):
                pins.pin(photo=photo)
                return True
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(pin, photos))
    assert sum(done) == 3
    assert sorted(Pin.objects.values_list("place", flat=True)) == [1, 2, 3]
    assert set(order(alice)) == {p.pk for p, one in zip(photos, done, strict=True) if one}
