"""Pages with a wall of photos: what they load at once, and what stands above and instead of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from photos.pins import pin
from photos.services import comment, like
from social import follows
from social.albums import saved
from tests.factories import make_follow, make_photo
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
TILE = re.compile(r'<a class="tile\b.*?</a>', re.DOTALL)


def tiles(client: Client, address: str, *, htmx: bool = False) -> list[str]:
    """Return the tiles of a page."""
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return TILE.findall(response.text)


@pytest.mark.parametrize(
    ("path", "wide"),
    [("/", "90.0vw"), ("/explore/", "90.0vw"), ("/search/", "90.0vw"), ("/@bob/", "59.0vw")],
)
def test_the_first_picture_is_loaded_at_once_and_all_others_when_they_are_laid_out(
    browser_as: As, bob: User, path: str, wide: str
) -> None:
    for _ in range(8):
        make_photo(bob)
    found = tiles(browser_as(None), path)
    assert ["fetchpriority" in tile for tile in found] == [True] + [False] * 7
    assert ["lazy" in tile for tile in found] == [False] + [True] * 7
    # Only what is loaded late can be measured before; the first is as wide as a phone.
    assert ['sizes="auto, ' in tile for tile in found] == [False] + [True] * 7
    assert f', {wide}"' in found[0]
    assert [' lead"' in tile for tile in found] == [path != "/@bob/"] + [False] * 7


def test_pinned_photos_are_the_first_row_of_a_profile(browser_as: As, bob: User) -> None:
    first = make_photo(bob)
    for _ in range(3):
        make_photo(bob)
    pin(photo=first)
    found = tiles(browser_as(None), "/@bob/")
    assert first.code in found[0]
    assert "Pinned" in found[0]
    assert ["lazy" in tile for tile in found] == [False, True, True, True]


def test_further_tiles_are_loaded_when_they_come_near(browser_as: As, bob: User) -> None:
    for _ in range(30):
        make_photo(bob)
    client = browser_as(None)
    link = re.search(r'data-more href="(\?cursor=[^"]+)"', client.get("/explore/").text)
    assert link
    further = tiles(client, f"/explore/{link[1]}", htmx=True)
    assert len(further) == 6
    assert all("lazy" in tile for tile in further)


def test_a_tile_has_its_counts_and_an_id_of_its_own(browser_as: As, alice: User, bob: User) -> None:
    photo = make_photo(bob)
    like(user=alice, photo_id=photo.pk)
    comment(author=alice, photo_id=photo.pk, text="Lovely")
    (tile,) = tiles(browser_as(None), "/explore/")
    assert f'id="photo-{photo.code}"' in tile
    assert f'data-live="likes-{photo.code}">1<' in tile
    assert f'data-live="comments-{photo.code}">1<' in tile


@pytest.mark.parametrize("path", ["/search/", "/search/?q=", "/search/?q=+", "/explore/"])
def test_search_and_explore_are_one_page(browser_as: As, alice: User, bob: User, path: str) -> None:
    photo = make_photo(bob)
    for viewer in (None, alice):
        text = browser_as(viewer).get(path).text
        assert 'type="search"' in text
        assert photo.code in text
        assert '/explore/">' in text
        assert ("?sort=people" in text) is (viewer is not None)


def test_what_is_found_stands_instead_of_the_wall(browser_as: As, bob: User) -> None:
    found, other = make_photo(bob, "A quiet harbour"), make_photo(bob)
    text = browser_as(None).get("/search/?q=harbour").text
    assert found.code in text
    assert other.code not in text
    assert "Popular this week" not in text


def test_popular_photos_show_what_makes_them_popular(browser_as: As, bob: User) -> None:
    make_photo(bob)
    client = browser_as(None)
    assert '<div class="grid counted" data-list>' in client.get("/explore/?sort=popular").text
    assert '<div class="grid" data-list>' in client.get("/explore/").text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/explore/", "Nobody has published a photo yet."),
        ("/@alice/", "Your photos will be here."),
        ("/@bob/", "No photos yet."),
        ("/saved/", "Nothing saved yet."),
        ("/archive/", "You haven’t archived any photos."),
        ("/albums/", "An album holds photos, yours and other people’s"),
        ("/@bob/albums/", "There are no albums that you can see."),
        ("/tags/lake/", "There are no photos with this tag that you can see."),
        ("/tags/", "You don’t follow any tags yet"),
        ("/@bob/followers/", "Nobody yet."),
    ],
)
def test_an_empty_page_says_so_and_leads_on(
    browser_as: As, alice: User, bob: User, path: str, said: str
) -> None:
    assert said in browser_as(alice).get(path).text


def test_a_closed_profile_says_what_opens_it(browser_as: As, alice: User, carol: User) -> None:
    client = browser_as(alice)
    assert "Follow this account to see its photos." in client.get("/@carol/").text
    follows.follow(follower=alice, followee=carol)
    assert "Your request has been sent." in client.get("/@carol/").text


def test_the_menu_of_a_profile_has_what_its_viewer_can_do(
    browser_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    own, other, visited = (
        browser_as(viewer).get("/@bob/").text.partition('<div popover id="profile-menu"')[2]
        for viewer in (bob, alice, None)
    )
    shown = {"/saved/": own, "/archive/": own, "/settings/deleted/": own, "/drafts/": own}
    shown |= {"/@bob/mute/": other, "/@bob/remove/": other, "/@bob/report/": other}
    shown |= {"/@bob/block/": other}
    for address, where in shown.items():
        assert [address in menu for menu in (own, other, visited)] == [
            menu is where for menu in (own, other, visited)
        ]
    assert all("Copy link" in menu for menu in (own, other, visited))


def test_other_sites_are_told_of_a_profile_as_visitors_see_it(
    browser_as: As, alice: User, bob: User
) -> None:
    assert "og:title" in browser_as(None).get("/@bob/").text
    assert "og:title" not in browser_as(alice).get("/@bob/").text


@pytest.mark.parametrize("number", [3, 20])
@pytest.mark.parametrize(("path", "expected"), [("/explore/?sort=people", 9), ("/saved/", 5)])
def test_a_wall_costs_the_same_however_many_there_are(
    browser_as: As, alice: User, bob: User, path: str, expected: int, number: int
) -> None:
    for _ in range(number):
        photo = make_photo(bob)
        saved.save(user=alice, photo_id=photo.pk)
    client = browser_as(alice)
    client.get(path)
    with sent() as statements:
        client.get(path)
    assert len(statements) <= expected
