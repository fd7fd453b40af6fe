"""Searching in a real browser: suggestions by keyboard and by hand, and the form without them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def opened(open_as: Open, user: User | None, *, width: int = 390) -> Page:
    """Open search as somebody, with two people and a tag to be found."""
    for name in ("lena", "leo"):
        make_photo(make_user(name), f"#lemon of {name}")
    page = open_as(user, width=width)
    with_pictures(page)
    page.goto("/search/")
    return page


def test_suggestions_are_chosen_by_keyboard(open_as: Open, alice: User) -> None:
    page = opened(open_as, alice)
    field = page.get_by_role("combobox", name="Search people, tags and photos")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("le")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "search-suggestion-0")
    field.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_have_text("#lemon")
    field.press("Enter")
    expect(page).to_have_url("/tags/lemon/")


def test_enter_searches_and_escape_closes(open_as: Open, alice: User) -> None:
    page = opened(open_as, alice, width=1280)
    field = page.get_by_role("combobox")
    field.press_sequentially("lem")
    suggestions = page.get_by_role("listbox", name="Suggestions")
    expect(suggestions.get_by_role("option")).to_have_count(1)
    field.press("Escape")
    expect(suggestions).to_be_hidden()
    field.press("Enter")
    expect(page).to_have_url("/search/?q=lem")
    expect(page.get_by_role("heading", name="Photos")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(2)


def test_a_person_is_chosen_by_hand(open_as: Open) -> None:
    page = opened(open_as, None)
    page.get_by_role("combobox").press_sequentially("leo")
    page.get_by_role("option", name="leo").click()
    expect(page).to_have_url("/@leo/")


def test_without_a_script_it_is_a_form(open_as: Open, alice: User) -> None:
    make_photo(alice, "Sunset")
    page = open_as(script=False)
    with_pictures(page)
    page.goto("/search/")
    field = page.get_by_role("searchbox", name="Search people, tags and photos")
    field.fill("suns")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".tile")).to_have_count(1)


def test_what_is_found_can_be_followed_at_once(open_as: Open, alice: User) -> None:
    page = opened(open_as, alice)
    page.goto("/search/?q=lena")
    page.get_by_role("button", name="Follow lena").click()
    expect(page.get_by_role("button", name="Unfollow lena")).to_be_visible()
