"""The archive: a photo that only its author sees, in every list, count, address and answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.card_pages.by_author import author_page
from photos.cards import cards_of
from photos.conversation.tags import tag_page
from photos.files.fast_path import Pictures
from photos.hiding import archive_photo, bring_back_photo, hide_photo, show_photo
from photos.models import Photo
from photos.services import comment, delete_photo, like
from social import feed, follows
from social.explore import popular_page, recent_page
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, published, upload
from tests.photos.files.test_views import fetch
from tests.social.lean import Site, bearer

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def counted(user: User) -> int:
    """Return how many photos somebody has, as counted."""
    user.stats.refresh_from_db()
    return user.stats.photo_count


def lists(author: User, viewer: User) -> list[list[int]]:
    """Return the ids in each list that a photo can be in."""
    pages = [
        feed.feed_page(viewer, None),
        recent_page(viewer, None),
        popular_page(viewer, None),
        tag_page("sea", viewer, None),
        author_page(author, viewer, None),
    ]
    return [[card.id for card in page.items] for page in pages]


def test_an_archived_photo_is_in_no_list_and_comes_back_to_its_place(
    alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    photos = [make_photo(alice, "#sea") for _ in range(3)]
    everything = [photo.pk for photo in reversed(photos)]
    for viewer in (alice, bob):
        assert lists(alice, viewer) == [everything] * 5
    assert archive_photo(photo=photos[1])
    for viewer in (alice, bob):
        assert lists(alice, viewer) == [[everything[0], everything[2]]] * 5
    assert bring_back_photo(photo=photos[1])
    for viewer in (alice, bob):
        assert lists(alice, viewer) == [everything] * 5


def test_it_counts_for_nobody_and_is_counted_again_once(alice: User) -> None:
    photo = make_photo(alice)
    for _ in range(2):
        archive_photo(photo=photo)
        assert counted(alice) == 0
    for _ in range(2):
        bring_back_photo(photo=photo)
        assert counted(alice) == 1


def test_only_its_author_sees_it_with_its_likes_and_comments(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    comment(author=bob, photo_id=photo.pk, text="Oh")
    archive_photo(photo=photo)
    assert cards_of([photo.pk], bob) == cards_of([photo.pk], AnonymousUser()) == []
    (card,) = cards_of([photo.pk], alice)
    assert (card.archived, card.like_count, card.comment_count) == (True, 1, 1)
    bring_back_photo(photo=photo)
    (card,) = cards_of([photo.pk], bob)
    assert (card.archived, card.like_count, card.liked) == (False, 1, True)


@pytest.mark.parametrize("first", ["moderator", "author"])
def test_what_is_hidden_and_archived_is_listed_when_it_is_neither(alice: User, first: str) -> None:
    photo = make_photo(alice)
    steps = [hide_photo, archive_photo] if first == "moderator" else [archive_photo, hide_photo]
    for step in steps:
        step(photo=photo)
        assert counted(alice) == 0
    assert cards_of([photo.pk], alice) == []
    assert not bring_back_photo(photo=make_photo(alice))
    assert counted(alice) == 1
    bring_back_photo(photo=photo)
    assert (counted(alice), cards_of([photo.pk], alice)) == (1, [])
    show_photo(photo=photo)
    assert counted(alice) == 2
    assert reconcile(fix=False)["people"][1] == 0


def test_deleting_it_is_counted_right(alice: User) -> None:
    photo = make_photo(alice)
    archive_photo(photo=photo)
    delete_photo(photo=photo)
    assert counted(alice) == 0
    assert reconcile(fix=False)["people"] == (1, 0)


def test_who_follows_meanwhile_has_it_in_their_feed_once_it_is_back(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    archive_photo(photo=photo)
    follows.follow(follower=bob, followee=alice)
    assert feed.feed_page(bob, None).items == []
    bring_back_photo(photo=photo)
    assert [card.id for card in feed.feed_page(bob, None).items] == [photo.pk]


def address_of(photo: Photo) -> str:
    """Return the address of the smallest size."""
    return f"/media/photos/{photo.code}/{photo.renditions[0][2].rpartition('/')[2]}"


def test_its_files_are_at_no_address_but_for_its_author(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = published(author=alice, image=upload())
    address = address_of(photo)

    def sent_to(viewer: User | None) -> tuple[int, bool]:
        """Return the status, and whether it is for this viewer alone."""
        response = fetch(browser_as(viewer), address)
        return response.status_code, "immutable" not in response.headers.get("Cache-Control", "")

    assert sent_to(bob) == (200, False)
    archive_photo(photo=photo)
    assert [sent_to(viewer)[0] for viewer in (bob, None)] == [404, 404]
    assert sent_to(alice) == (200, True)
    bring_back_photo(photo=photo)
    assert sent_to(None) == (200, False)


def test_the_fast_path_of_pictures_answers_as_django_does(alice: User, bob: User) -> None:
    site = Site(Pictures)
    photo = published(author=alice, image=upload())
    site.answer(address_of(photo))
    archive_photo(photo=photo)
    for viewer, status in ((alice, "200"), (bob, "404")):
        header = {"HTTP_AUTHORIZATION": bearer(viewer)}
        answer = site.answer(address_of(photo), **header)
        assert answer.status.startswith(status)
        assert answer.body == site.ordinary(address_of(photo), **header).body


def test_pages_archive_a_photo_and_bring_it_back(browser_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice, "At home")
    browser: Client = browser_as(alice)
    assert f"/p/{photo.code}/place/" in browser.get(f"/p/{photo.code}/").content.decode()
    page = browser.post(f"/p/{photo.code}/archive/", follow=True).content.decode()
    assert "The photo has been archived. Only you can see it" in page
    assert "<strong>Archived.</strong>" in page
    assert f"/p/{photo.code}/" in browser.get("/archive/").content.decode()
    assert f"/p/{photo.code}/" not in browser.get("/@alice/").content.decode()
    assert browser_as(bob).get(f"/p/{photo.code}/").status_code == 404
    assert (
        browser_as(bob).get("/archive/").content.decode().count("You haven’t archived any photos")
        == 1
    )
    assert "Restore</button>" in browser.get(f"/p/{photo.code}/place/").content.decode()
    page = browser.post(f"/p/{photo.code}/bring-back/", follow=True).content.decode()
    assert "The photo has been restored." in page
    assert f"/p/{photo.code}/" in browser.get("/@alice/").content.decode()


def test_nobody_archives_the_photo_of_another(
    browser_as: As, api_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    for path in ("archive", "bring-back", "pin", "unpin"):
        assert browser_as(bob).post(f"/p/{photo.code}/{path}/").status_code == 403
    assert browser_as(bob).get(f"/p/{photo.code}/place/").status_code == 403
    assert api_as(bob).put(f"/api/v1/photos/{photo.pk}/archive/").status_code == 403
    archive_photo(photo=photo)
    assert api_as(bob).delete(f"/api/v1/photos/{photo.pk}/archive/").status_code == 404


def test_the_api_archives_lists_and_brings_back(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    client = api_as(alice)
    for _ in range(2):
        assert client.put(f"/api/v1/photos/{photo.pk}/archive/").status_code == 204
    assert client.get(f"/api/v1/photos/{photo.pk}/").json()["archived"] is True
    assert [row["id"] for row in client.get("/api/v1/me/archive/").json()["results"]] == [
        str(photo.pk)
    ]
    assert api_as(bob).get("/api/v1/me/archive/").json()["results"] == []
    assert api_as(bob).get(f"/api/v1/photos/{photo.pk}/").status_code == 404
    for _ in range(2):
        assert client.delete(f"/api/v1/photos/{photo.pk}/archive/").status_code == 204
    assert api_as(bob).get(f"/api/v1/photos/{photo.pk}/").json()["archived"] is False


@pytest.mark.parametrize("rows", [3, 20])
def test_the_archive_pages_and_its_cost_does_not_grow(api_as: As, alice: User, rows: int) -> None:
    photos = [make_photo(alice) for _ in range(rows)]
    for photo in photos:
        archive_photo(photo=photo)
    client = api_as(alice)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/api/v1/me/archive/?limit=2").json()
    assert len(queries) == 3
    found = [row["id"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += [row["id"] for row in page["results"]]
    assert found == [str(photo.pk) for photo in reversed(photos)]
