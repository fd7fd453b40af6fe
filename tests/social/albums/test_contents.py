"""What is in an album: adding, taking out, the order, and several people at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.fields.snowflake import encode
from photos.models import Photo
from photos.services import PhotoGone, delete_photo
from social.albums import contents, deleting, saved
from social.albums.models import Album, AlbumEntry, SavedPhoto
from social.profiles import delete_account
from tests.factories import make_photo, make_user
from tests.social.albums.scene import make_album, make_member, order_of
from tests.social.test_concurrency import at_once

ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]
at_database = pytest.mark.django_db


@pytest.fixture
def photos(alice: User) -> list[Photo]:
    """Return four photos of alice."""
    return [make_photo(alice) for _ in range(4)]


@pytest.fixture
def album(alice: User, photos: list[Photo]) -> Album:
    """Return an album of alice with these."""
    return make_album(alice, *photos)


@at_database
def test_what_is_added_comes_last_and_only_once(
    api_as: ApiAs, alice: User, album: Album, photos: list[Photo]
) -> None:
    new, client = make_photo(alice), api_as(alice)
    for photo in (new, new, photos[0]):
        answer = client.put(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/")
        assert answer.status_code == 204
    assert order_of(client, album) == [photo.pk for photo in [*photos, new]]


@at_database
def test_what_one_may_not_see_cannot_be_added(api_as: ApiAs, alice: User, carol: User) -> None:
    album, photo = make_album(alice), make_photo(carol)
    for number in (photo.pk, 12345):
        answer = api_as(alice).put(f"/api/v1/albums/{album.pk}/photos/{number}/")
        assert answer.status_code == 404
    assert not AlbumEntry.objects.exists()


@at_database
def test_nothing_is_added_to_albums_of_others(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    photo = make_photo(bob)
    answer = api_as(bob).put(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/")
    assert answer.status_code == 404
    assert not AlbumEntry.objects.filter(photo=photo).exists()


@at_database
def test_a_full_album_says_so(
    api_as: ApiAs, browser_as: As, alice: User, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MAX_PHOTOS", 4)
    photo = make_photo(alice)
    answer = api_as(alice).put(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "album_full")
    address = f"/albums/{album.code}/photos/{photo.code}/add/"
    assert "this one is full" in browser_as(alice).post(address, follow=True).text


MOVES = [
    (0, None, [1, 2, 3, 0]),
    (3, 0, [3, 0, 1, 2]),
    (3, 1, [0, 3, 1, 2]),
    (0, 3, [1, 2, 0, 3]),
    (1, 1, [0, 1, 2, 3]),
    (1, 2, [0, 1, 2, 3]),
    (3, None, [0, 1, 2, 3]),
]


@at_database
@pytest.mark.parametrize("gap", [contents.GAP, 1])
@pytest.mark.parametrize(("moved", "before", "order"), MOVES)
def test_a_photo_is_moved_before_another_or_to_the_end(
    api_as: ApiAs,
    alice: User,
    photos: list[Photo],
    monkeypatch: pytest.MonkeyPatch,
    gap: int,
    moved: int,
    before: int | None,
    order: list[int],
) -> None:
    monkeypatch.setattr(contents, "GAP", gap)
    album, client = make_album(alice, *photos), api_as(alice)
    place = None if before is None else str(photos[before].pk)
    address = f"/api/v1/albums/{album.pk}/photos/{photos[moved].pk}/position/"
    assert client.put(address, {"before": place}).status_code == 204
    assert order_of(client, album) == [photos[number].pk for number in order]


@at_database
def test_moves_to_one_place_never_run_out_of_room(alice: User, album: Album) -> None:
    expected = list(AlbumEntry.objects.order_by("-rank").values_list("photo", flat=True))
    for _ in range(50):
        expected = [expected[0], expected[-1], *expected[1:-1]]
        contents.move(user=alice, album_id=album.pk, photo_id=expected[1], before=expected[2])
    ranked = AlbumEntry.objects.order_by("-rank").values_list("photo", flat=True)
    assert list(ranked) == expected


@at_database
def test_a_place_that_there_is_not_is_said(
    api_as: ApiAs, alice: User, album: Album, photos: list[Photo]
) -> None:
    address = f"/api/v1/albums/{album.pk}/photos/{photos[0].pk}/position/"
    for body in ({}, {"before": "x"}, {"before": str(make_photo(alice).pk)}):
        answer = api_as(alice).put(address, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["before"])
    other = f"/api/v1/albums/{album.pk}/photos/{make_photo(alice).pk}/position/"
    assert api_as(alice).put(other, {"before": None}).status_code == 404


STEPS = [
    (1, "first", [1, 0, 2, 3]),
    (2, "earlier", [0, 2, 1, 3]),
    (0, "earlier", [0, 1, 2, 3]),
    (1, "later", [0, 2, 1, 3]),
    (2, "later", [0, 1, 3, 2]),
    (3, "later", [0, 1, 2, 3]),
    (0, "last", [1, 2, 3, 0]),
]


@at_database
@pytest.mark.parametrize(("moved", "to", "order"), STEPS)
def test_buttons_move_a_photo_without_a_script(
    browser_as: As,
    api_as: ApiAs,
    alice: User,
    album: Album,
    photos: list[Photo],
    moved: int,
    to: str,
    order: list[int],
) -> None:
    browser = browser_as(alice)
    assert f'value="{to}"' in browser.get(f"/albums/{album.code}/arrange/").text
    address = f"/albums/{album.code}/photos/{photos[moved].code}/move/"
    assert browser.post(address, {"to": to}).status_code == 302
    assert order_of(api_as(alice), album) == [photos[number].pk for number in order]


@at_database
def test_buttons_that_there_are_not_do_nothing(
    browser_as: As, alice: User, album: Album, photos: list[Photo]
) -> None:
    address = f"/albums/{album.code}/photos/{photos[0].code}/move/"
    for to in ("", "sideways"):
        assert browser_as(alice).post(address, {"to": to}).status_code == 404


@at_database
@pytest.mark.parametrize(
    ("moved", "after", "order"),
    [(0, None, [0, 1, 2]), (2, None, [2, 0, 1]), (0, 1, [1, 0, 2]), (0, 2, [1, 2, 0])],
)
def test_a_dragged_photo_comes_behind_its_neighbour(
    browser_as: As,
    api_as: ApiAs,
    alice: User,
    album: Album,
    photos: list[Photo],
    moved: int,
    after: int | None,
    order: list[int],
) -> None:
    before = order_of(api_as(alice), album)
    address = f"/albums/{album.code}/photos/{encode(before[moved])}/move/"
    words = "" if after is None else str(before[after])
    assert browser_as(alice).post(address, {"to": "place", "after": words}).status_code == 302
    assert order_of(api_as(alice), album) == [before[number] for number in [*order, 3]]


@at_database
def test_a_photo_is_dragged_behind_no_other_that_is_not_there(
    browser_as: As, alice: User, album: Album, photos: list[Photo]
) -> None:
    address = f"/albums/{album.code}/photos/{photos[0].code}/move/"
    elsewhere = make_photo(alice)
    for after in ("x", "1", str(elsewhere.pk), str(photos[0].pk)):
        body = {"to": "place", "after": after}
        assert browser_as(alice).post(address, body).status_code == 404


@at_database
def test_a_button_makes_a_photo_the_cover(
    browser_as: As, alice: User, album: Album, photos: list[Photo]
) -> None:
    address = f"/albums/{album.code}/photos/{photos[2].code}/move/"
    assert browser_as(alice).post(address, {"to": "cover"}).status_code == 302
    album.refresh_from_db()
    assert album.cover_id == photos[2].pk


@at_database
def test_who_may_take_out_what(alice: User, bob: User) -> None:
    """The owner any photo, everybody their own and what they added, and nobody else's."""
    dora = make_user("dora")
    own, hers, by_bob = make_photo(alice), make_photo(dora), make_photo(bob)
    album = make_album(alice, own, hers, by_bob)
    make_member(album, bob)
    added = make_photo(dora)
    contents.add(user=bob, album_id=album.pk, photo_id=added.pk)
    for photo in (own, hers):
        with pytest.raises(PermissionDenied):
            contents.remove(user=bob, album_id=album.pk, photo_id=photo.pk)
    with pytest.raises(PermissionDenied):
        contents.remove(user=make_user(), album_id=album.pk, photo_id=own.pk)
    contents.remove(user=bob, album_id=album.pk, photo_id=by_bob.pk)
    contents.remove(user=bob, album_id=album.pk, photo_id=added.pk)
    contents.remove(user=dora, album_id=album.pk, photo_id=hers.pk)
    contents.remove(user=alice, album_id=album.pk, photo_id=own.pk)
    assert not AlbumEntry.objects.exists()
    assert Photo.objects.count() == 4


@at_database
def test_a_photo_that_is_not_in_there_is_taken_out_without_a_word(
    api_as: ApiAs, alice: User, album: Album
) -> None:
    photo = make_photo(alice)
    answer = api_as(alice).delete(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/")
    assert answer.status_code == 204


@at_database
def test_the_database_refuses_two_photos_at_one_place(alice: User, album: Album) -> None:
    entry = AlbumEntry.objects.filter(album=album).first()
    assert entry is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        AlbumEntry.objects.create(album=album, photo=make_photo(alice), rank=entry.rank)


@at_database
def test_what_is_deleted_leaves_albums_and_they_leave_photos(
    alice: User, bob: User, album: Album, photos: list[Photo]
) -> None:
    delete_photo(photo=photos[0])
    assert AlbumEntry.objects.count() == 3
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    deleting.delete_for_good(owner=alice, album_id=album.pk)
    assert not AlbumEntry.objects.exists()
    assert Photo.objects.count() == 3
    shared = make_album(alice, photos[1])
    make_member(shared, bob)
    contents.add(user=bob, album_id=shared.pk, photo_id=photos[2].pk)
    delete_account(user=bob)
    assert AlbumEntry.objects.filter(album=shared).count() == 2
    delete_account(user=alice)
    assert not Album.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_people_who_add_and_arrange_at_once_lose_nothing(alice: User) -> None:
    photos = [make_photo(alice) for _ in range(8)]
    album = make_album(alice, *photos[:4])
    helpers = [make_user() for _ in range(4)]
    for helper in helpers:
        make_member(album, helper)
    deeds: list[Callable[[], Any]] = [
        partial(contents.add, user=helper, album_id=album.pk, photo_id=photo.pk)
        for photo in photos[4:]
        for helper in helpers
    ]
    deeds += [
        partial(contents.step, user=helper, album_id=album.pk, photo_id=photo.pk, to=to)
        for helper, photo in zip(helpers, photos[:4], strict=True)
        for to in ("first", "later", "last", "earlier")
    ]
    at_once(deeds)
    held = AlbumEntry.objects.filter(album=album)
    assert set(held.values_list("photo", flat=True)) == {photo.pk for photo in photos}
    assert held.values("rank").distinct().count() == len(photos)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_last_place_of_an_album_is_taken_once(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MAX_PHOTOS", 5)
    album = make_album(alice, *[make_photo(alice) for _ in range(4)])

    def add(photo: Photo) -> bool:
        try:
            return contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
        except contents.AlbumFull:
            return False

    assert sum(at_once([partial(add, make_photo(alice)) for _ in range(8)])) == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_saved_and_added_while_a_photo_is_deleted_is_refused_or_goes_with_it(
    alice: User, bob: User
) -> None:
    for _ in range(5):
        photo, album = make_photo(alice), make_album(bob)

        def attempt(deed: Callable[..., Any], photo: Photo = photo, **where: Any) -> None:
            try:
                deed(user=bob, photo_id=photo.pk, **where)
            except (PhotoGone, Http404):
                return

        deeds: list[Callable[[], Any]] = [partial(attempt, saved.save)] * 3
        deeds += [partial(delete_photo, photo=Photo.objects.get(pk=photo.pk))]
        deeds += [partial(attempt, contents.add, album_id=album.pk)] * 3
        at_once(deeds)
    assert not SavedPhoto.objects.exists()
    assert not AlbumEntry.objects.exists()
    assert not Photo.objects.exists()
