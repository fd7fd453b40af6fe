"""The menu of a card: shared, copied, and each of its items with an icon."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from photos.models import Photo
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_follow, make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
# A browser that can share keeps what it is given.
SHARES = """Object.defineProperty(navigator, "share", {
    value: async data => { window.given = data; }, configurable: true });"""
SHARES_NOT = """Object.defineProperty(navigator, "share", { value: undefined });"""


@pytest.fixture
def photo(alice: User, bob: User) -> Photo:
    """Return a photo in Alice's feed."""
    make_follow(alice, bob)
    return make_photo(bob)


def open_menu(page: Page) -> Locator:
    """Open the menu of the one card of the feed."""
    with_pictures(page)
    page.goto("/feed/")
    page.get_by_role("button", name="More actions").click()
    menu = page.locator("article.card .menu")
    expect(menu).to_be_visible()
    return menu


def test_a_phone_shares_a_photo_of_the_feed(open_as: Open, alice: User, photo: Photo) -> None:
    page = open_as(alice, width=390, touch=True)
    page.add_init_script(SHARES)
    open_menu(page).get_by_role("button", name="Share").click()
    page.wait_for_function("() => window.given")
    given = page.evaluate("window.given")
    assert given["url"].startswith("http://")
    assert given["url"].endswith(photo.get_absolute_url())
    assert given["title"] == "Photo by bob"
    expect(page.locator("article.card .menu")).to_be_hidden()


@pytest.mark.parametrize("item", ["Share", "Copy link"])
def test_a_browser_that_cannot_share_copies_the_link(
    open_as: Open, alice: User, photo: Photo, item: str
) -> None:
    page = open_as(alice)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(SHARES_NOT)
    menu = open_menu(page)
    menu.get_by_role("button", name=item).click()
    expect(page.get_by_role("status").get_by_text("Link copied")).to_be_visible()
    expect(menu).to_be_hidden()
    expect(page.get_by_role("button", name="More actions")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("http://")
    assert copied.endswith(photo.get_absolute_url())


@pytest.mark.parametrize("is_own", [True, False], ids=["own", "of another"])
def test_each_item_has_an_icon(
    open_as: Open, alice: User, bob: User, photo: Photo, *, is_own: bool
) -> None:
    menu = open_menu(open_as(bob if is_own else alice))
    assert menu.locator("a, button").count() >= 6
    expect(menu.locator(":is(a, button):not(:has(> svg))")).to_have_count(0)
