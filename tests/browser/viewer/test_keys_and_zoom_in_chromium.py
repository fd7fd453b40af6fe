"""Keys, zoom, full screen and what the menu of a photo does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Like, Photo
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, picture, published, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
SCALE = """pan => new DOMMatrix(getComputedStyle(pan).transform).a"""


def scale_of(page: Page) -> float:
    """Return how far the photo is zoomed."""
    return float(page.locator(".pan").first.evaluate(SCALE))


def zoomed(page: Page, *, is_zoomed: bool) -> None:
    """Wait until the photo is zoomed, or not."""
    compared = ">" if is_zoomed else "<"
    page.wait_for_function(f"() => ({SCALE})(document.querySelector('.pan')) {compared} 1.05")


@pytest.fixture
def large(alice: User) -> Photo:
    """Return a photo that is larger than a window."""
    return published(author=alice, image=upload(picture((2400, 1600))))


def test_a_double_click_zooms_in_and_out_and_a_drag_pans(
    open_as: Open, alice: User, large: Photo
) -> None:
    page = open_as(alice)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(large.get_absolute_url())
    assert [url for url in loaded if "panzoom" in url] == []
    page.mouse.dblclick(400, 400)
    zoomed(page, is_zoomed=True)
    place = page.locator(".stage img").bounding_box()
    page.mouse.move(400, 400)
    page.mouse.down()
    page.mouse.move(300, 350, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "x => document.querySelector('.stage img').getBoundingClientRect().x < x - 50",
        arg=place["x"] if place else 0,
    )
    page.mouse.dblclick(400, 400)
    zoomed(page, is_zoomed=False)


def test_the_wheel_zooms(open_as: Open, alice: User, large: Photo) -> None:
    page = open_as(alice)
    page.goto(large.get_absolute_url())
    page.mouse.move(400, 400)
    page.mouse.wheel(0, -600)
    zoomed(page, is_zoomed=True)


def test_two_fingers_zoom(open_as: Open, alice: User, large: Photo) -> None:
    page = open_as(alice, width=390)
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    with page.expect_response("**/panzoom*.js"):
        page.goto(large.get_absolute_url())
    page.locator(".pan[style]").wait_for()
    for kind, gap in (("touchStart", 20), ("touchMove", 60), ("touchMove", 140), ("touchEnd", 0)):
        points = [{"x": 195 + way * gap / 2, "y": 160} for way in (-1, 1)] if gap else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    zoomed(page, is_zoomed=True)


def test_letters_are_keys_in_the_feed(open_as: Open, alice: User) -> None:
    for name in ("a", "b", "c"):
        make_photo(alice, alt_text=name)
    page = open_as(alice)
    with_pictures(page)
    page.goto("/feed/")
    cards = page.locator("article.card")
    page.keyboard.press("j")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("l")
    expect(cards.nth(0).locator("form.like button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog").get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type("jklfs/?")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("jklfs/?")
    assert Like.objects.count() == 1


def test_a_slash_searches(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")


def test_a_sheet_tells_of_the_keys(open_as: Open, alice: User, large: Photo) -> None:
    page = open_as(alice)
    page.goto(large.get_absolute_url())
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.keyboard.press("?")
    expect(sheet).to_contain_text("Next or previous photo in a list")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(sheet).to_be_visible()


def test_a_photo_goes_full_screen(open_as: Open, alice: User, large: Photo) -> None:
    page = open_as(alice)
    page.goto(large.get_absolute_url())
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement?.classList.contains('stage')")
    page.keyboard.press("f")
    page.wait_for_function("() => !document.fullscreenElement")


def test_a_link_is_copied(open_as: Open, alice: User, large: Photo) -> None:
    page = open_as(alice)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(large.get_absolute_url())
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(large.get_absolute_url())


def test_a_photo_deleted_in_the_dialog_leaves_the_list_and_comes_back(
    open_as: Open, alice: User, faults: list[str]
) -> None:
    for name in ("one", "two"):
        make_photo(alice, alt_text=name)
    page = open_as(alice)
    with_pictures(page)
    page.goto("/@alice/")
    tile = page.locator("main").get_by_alt_text("two")
    tile.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="More actions").click()
    page.route("**/delete/", lambda route: route.abort(), times=1)
    dialog.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Try again").click()
    expect(dialog).to_have_count(0)
    expect(tile).to_be_hidden()
    counts = page.locator("[data-live='counts-alice']")
    expect(counts).to_contain_text("1 photo")
    assert Photo.objects.filter(hidden=True).count() == 1
    page.route("**/restore/", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Try again").click()
    expect(tile).to_be_visible()
    assert all("Failed to load resource" in fault for fault in faults)
    faults.clear()
    expect(counts).to_contain_text("2 photos")
    assert not Photo.objects.filter(hidden=True).exists()


def test_a_photo_deleted_on_its_page_comes_back(open_as: Open, alice: User) -> None:
    photo = make_photo(alice, alt_text="one")
    page = open_as(alice)
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Delete").click()
    page.wait_for_url("**/@alice/")
    expect(page.get_by_alt_text("one")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_alt_text("one")).to_be_visible()
