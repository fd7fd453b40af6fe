"""Lists of people and links, the navigation and the settings, at widths where room is scarce."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from social.albums import links
from tests.browser.conftest import Open
from tests.factories import make_follow, make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
# A button of one line is this high, and one that was squeezed is twice that and more.
TALLEST = 48


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("address", ["/suggestions/", "/settings/links/"])
def test_buttons_beside_long_words_keep_their_width(
    open_as: Open, alice: User, width: int, address: str
) -> None:
    make_follow(make_user("somebody_with_a_name"), alice)
    links.share(sharer=alice, photo_id=make_photo(alice).pk, days=365, password="tell")
    page = open_as(alice, width=width)
    page.goto(address)
    buttons = page.locator(".people button")
    assert buttons.count()
    for button in buttons.all():
        box = button.bounding_box()
        assert box
        assert box["height"] <= TALLEST
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [320, 720, 721, 760])
def test_five_places_of_the_navigation_are_in_the_window(
    open_as: Open, alice: User, width: int
) -> None:
    page = open_as(alice, width=width)
    page.goto("/explore/")
    assert page.locator(".nav a").count() == 5
    brand = page.locator(".brand").bounding_box()
    assert brand
    assert brand["height"] <= 56
    assert brand["width"] >= 100
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_phone_opens_the_list_of_all_settings(open_as: Open, alice: User) -> None:
    page = open_as(alice, width=390, script=False)
    page.goto("/settings/")
    expect(page.get_by_role("link", name="Delete account")).to_have_count(0)
    page.get_by_text("All settings").click()
    last = page.get_by_role("link", name="Delete account")
    expect(last).to_be_in_viewport()
    page.get_by_role("link", name="Shared links").click()
    expect(page.get_by_role("heading", name="Shared links")).to_be_visible()


def test_a_desktop_shows_the_settings_at_once(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    expect(page.get_by_role("link", name="Delete account")).to_have_count(1)
    expect(page.get_by_text("All settings")).to_be_hidden()
