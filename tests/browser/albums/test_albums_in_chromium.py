"""Saving, albums and share links in a real browser, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from social.albums import contents, editing
from social.albums.models import Album, SavedPhoto, Visibility
from tests.browser.conftest import Open
from tests.browser.hands import drag
from tests.factories import make_follow, published, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
both_ways = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@both_ways
def test_a_photo_is_saved_and_put_into_a_new_album(
    open_as: Open, alice: User, bob: User, script: bool
) -> None:
    photo = published(author=bob, image=upload())
    page = open_as(alice, script=script, width=390)
    page.goto("/albums/new/")
    page.get_by_label("Title").fill("Summer")
    page.get_by_label("Everyone who can see your photos").check()
    page.get_by_role("button", name="Create album").click()
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    page.goto(f"/p/{photo.code}/")
    save = page.get_by_role("button", name="Save", exact=True)
    save.click()
    if script:
        expect(save).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("link", name="Add to album").click()
    page.get_by_role("button", name="Add to Summer").click()
    expect(page.get_by_role("button", name="Remove from Summer")).to_be_visible()
    page.goto("/saved/")
    expect(page.locator("a.tile img")).to_have_count(1)
    assert SavedPhoto.objects.get().user == alice
    visitor = open_as(script=script)
    visitor.goto(f"/albums/{Album.objects.get().code}/")
    assert is_drawn(visitor)


@both_ways
def test_an_album_is_arranged_by_buttons(open_as: Open, alice: User, script: bool) -> None:
    photos = [published(author=alice, image=upload(), alt_text=name) for name in "abc"]
    album = editing.create_album(owner=alice, title="Summer", visibility=Visibility.ME)
    for photo in photos:
        contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
    page = open_as(alice, script=script, width=390)
    page.goto(f"/albums/{album.code}/arrange/")
    for name, button, order in (("c", "First", "cab"), ("a", "Later", "cba"), ("c", "Last", "bac")):
        row = page.locator("li", has=page.get_by_alt_text(name, exact=True))
        row.get_by_role("button", name=button).click()
        pictures = page.locator("ol.arranged img")
        expect(pictures.nth(0)).to_have_attribute("alt", order[0])
        assert [one.get_attribute("alt") for one in pictures.all()] == list(order)


@both_ways
def test_an_album_is_deleted_at_once_and_comes_back(
    open_as: Open, alice: User, script: bool
) -> None:
    album = editing.create_album(owner=alice, title="Summer", visibility=Visibility.ME)
    page = open_as(alice, script=script)
    page.goto(f"/albums/{album.code}/")
    page.locator("main").get_by_role("button", name="More", exact=True).click()
    page.locator("#album-menu").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The album has been deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Albums")).to_be_visible()
    assert not Album.objects.exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    assert Album.objects.get() == album


@both_ways
def test_a_private_photo_is_shared_by_a_link(
    open_as: Open, carol: User, bob: User, script: bool
) -> None:
    make_follow(bob, carol)
    photo = published(author=carol, image=upload(), caption="at the sea")
    page = open_as(carol, script=script)
    page.goto(f"/p/{photo.code}/")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Share by link").click()
    page.get_by_role("button", name="Create link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    path = address[address.index("/s/") :]
    visitor = open_as(script=script, width=390)
    visitor.goto(path)
    expect(visitor.get_by_text("at the sea")).to_be_visible()
    assert is_drawn(visitor)


def is_drawn(page: Page) -> bool:
    """Tell whether the first picture of the page has arrived and is shown."""
    shown = page.locator("main img").first
    width: int = shown.evaluate("image => image.decode().then(() => image.naturalWidth)")
    return width > 0


def drag_first_behind_last(page: Page) -> None:
    """Drag the first photo of the list by its picture, as a hand does, past the last one."""
    pictures = page.locator("ol.arranged img")
    first = pictures.first.get_attribute("alt")
    end = page.locator("ol.arranged > li").last.bounding_box()
    assert end
    drag(
        page,
        pictures.first,
        (end["x"] + end["width"] / 2, end["y"] + end["height"] - 5),
        until=lambda: pictures.last.get_attribute("alt") == first,
    )


def test_photos_are_dragged_to_their_places(open_as: Open, alice: User) -> None:
    photos = [published(author=alice, image=upload(), alt_text=name) for name in "abc"]
    album = editing.create_album(owner=alice, title="Summer", visibility=Visibility.ME)
    for photo in photos:
        contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
    page = open_as(alice)
    page.goto(f"/albums/{album.code}/arrange/")
    pictures = page.locator("ol.arranged img")
    before = [pictures.nth(place).get_attribute("alt") for place in range(3)]
    page.wait_for_function("() => globalThis.Sortable !== undefined")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        drag_first_behind_last(page)
    page.reload()
    after = [pictures.nth(place).get_attribute("alt") for place in range(3)]
    assert after == [*before[1:], before[0]]


def test_a_photo_that_cannot_be_moved_goes_back(
    open_as: Open, alice: User, faults: list[str]
) -> None:
    photos = [published(author=alice, image=upload(), alt_text=name) for name in "abc"]
    album = editing.create_album(owner=alice, title="Summer", visibility=Visibility.ME)
    for photo in photos:
        contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
    page = open_as(alice)
    page.goto(f"/albums/{album.code}/arrange/")
    page.wait_for_function("() => globalThis.Sortable !== undefined")
    page.route("**/move/", lambda route: route.abort("connectionreset"))
    pictures = page.locator("ol.arranged img")
    first = pictures.nth(0).get_attribute("alt") or ""
    drag_first_behind_last(page)
    expect(page.get_by_text("couldn’t be moved")).to_be_visible()
    expect(pictures.nth(0)).to_have_attribute("alt", first)
    page.unroute("**/move/")
    with page.expect_response("**/move/"):
        page.get_by_role("button", name="Try again").click()
    expect(pictures.nth(2)).to_have_attribute("alt", first)
    page.reload()
    expect(pictures.nth(2)).to_have_attribute("alt", first)
    assert [one for one in faults if "ERR_CONNECTION_RESET" not in one] == []
    faults.clear()
