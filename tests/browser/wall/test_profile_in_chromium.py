"""The head of a profile and its menu, by hand and by keyboard; the page of search and explore."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import Block, User
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.browser.wall.scene import make_wall, with_sized_pictures
from tests.factories import make_follow, make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def test_the_menu_opens_and_closes_by_keyboard(open_as: Open, alice: User, bob: User) -> None:
    page = open_as(alice)
    page.goto("/@bob/")
    button = page.get_by_role("button", name="Profile menu")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Mute")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Mute")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(page.get_by_role("link", name="Report")).to_be_visible()
    page.mouse.click(900, 700)
    expect(page.get_by_role("link", name="Report")).to_be_hidden()


def test_the_link_of_a_profile_is_copied(open_as: Open, bob: User) -> None:
    page = open_as()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/@bob/")
    page.get_by_role("button", name="Profile menu").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/@bob/")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_block_is_asked_about_first(open_as: Open, alice: User, bob: User, script: bool) -> None:
    page = open_as(alice, width=390, script=script)
    page.goto("/@bob/")
    page.get_by_role("button", name="Profile menu").click()
    page.get_by_role("button", name="Block").click()
    question = page.get_by_role("dialog", name="Block @bob?")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    assert not Block.objects.exists()
    page.get_by_role("button", name="Profile menu").click()
    page.get_by_role("button", name="Block").click()
    question.get_by_role("button", name="Block").click()
    expect(page.get_by_text("You have blocked this person")).to_be_visible()
    assert Block.objects.exists()


def test_without_a_script_the_menu_has_nothing_that_needs_one(open_as: Open, bob: User) -> None:
    page = open_as(script=False)
    page.goto("/@bob/")
    page.get_by_role("button", name="Profile menu").click()
    expect(page.get_by_role("link", name="Albums")).to_be_visible()
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_head_of_a_profile_keeps_counts_in_one_line_and_words_narrow(
    open_as: Open, alice: User, width: int
) -> None:
    alice.bio = "A long life in photos, mostly of lakes. " * 4
    alice.save()
    make_follow(make_user(), alice)
    page = open_as(width=width)
    page.goto("/@alice/")
    tops = page.locator(".counts li").evaluate_all(
        "all => all.map(item => item.getBoundingClientRect().top)"
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1
    words = page.locator(".bio").bounding_box()
    assert words
    assert words["width"] <= 620
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_explore_stands_below_the_field_of_search(open_as: Open, alice: User) -> None:
    make_wall(alice, 8)
    page = open_as(alice, width=390)
    with_sized_pictures(page)
    page.goto("/feed/")
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("link", name="Search")).to_have_attribute("aria-current", "page")
    expect(page.locator(".tile")).to_have_count(8)
    # Nothing is typed yet, and no keyboard covers the photos.
    expect(page.get_by_role("combobox")).not_to_be_focused()
    page.get_by_role("link", name="Popular this week").click()
    expect(page.locator(".tile-counts").first).to_have_css("opacity", "1")
    expect(page.get_by_role("link", name="Search")).to_have_attribute("aria-current", "page")


def test_what_was_searched_for_can_be_cleared(open_as: Open, alice: User) -> None:
    make_photo(alice, "A quiet harbour")
    make_photo(alice)
    page = open_as(alice)
    with_pictures(page)
    page.goto("/search/")
    page.get_by_role("combobox").fill("harbour")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(1)
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(".tile")).to_have_count(2)
