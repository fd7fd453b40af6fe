"""A visit from the feed to a photo of one's own, by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from photos.models import Comment, Like, Photo
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_follow, make_photo, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
# More than this nobody goes through for what they want.
MOST_STEPS = 40


def reach(page: Page, thing: Locator, *, key: str = "Tab") -> None:
    """Press Tab (or ``key``) until the focus is on something."""
    for _ in range(MOST_STEPS):
        page.keyboard.press(key)
        if thing.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{MOST_STEPS} presses of {key} do not lead to {thing}")


def shown(page: Page, alt_text: str) -> Locator:
    """Return the photo of a dialog, if it is this one."""
    return page.get_by_role("dialog").locator(".stage").get_by_alt_text(alt_text)


def like_the_first(page: Page) -> None:
    """Go past the navigation to the first card of the feed, and like it."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    card = page.locator("article.card").first
    like = card.get_by_role("button", name="Like")
    reach(page, like)
    page.keyboard.press("Space")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_be_focused()


def comment_on_the_first(page: Page) -> None:
    """Open the photo, look at the next one, come back, comment, and close it."""
    card = page.locator("article.card").first
    link = card.locator("a.picture")
    reach(page, link, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(shown(page, "A lake")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("link", name="Close")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(shown(page, "A hill")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(shown(page, "A lake")).to_be_visible()
    dialog = page.get_by_role("dialog")
    reach(page, dialog.get_by_label("Comment", exact=True))
    page.keyboard.type("Written by keys")
    reach(page, dialog.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(dialog.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    expect(card.get_by_role("link", name="Comments")).to_contain_text("1")


def publish(page: Page, file: Path) -> None:
    """Go to the page of uploads, choose a file, caption and publish it."""
    new = page.get_by_role("navigation", name="Main").get_by_role("link", name="New photo")
    reach(page, new, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New photo")).to_be_visible()
    files = page.get_by_label("Choose photos")
    reach(page, files)
    files.set_input_files(file)  # what is chosen from is the system's
    expect(page.locator("#pictures .there")).to_have_count(1)
    reach(page, page.get_by_label("Caption"))
    page.keyboard.type("Published by keys")
    reach(page, page.get_by_role("button", name="Publish"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your photo is published.")).to_be_visible(timeout=30_000)


def test_somebody_likes_comments_and_publishes_by_keys_alone(
    open_as: Open, alice: User, bob: User, tmp_path: Path
) -> None:
    make_follow(alice, bob)
    make_photo(bob, alt_text="A hill")
    newest = make_photo(bob, alt_text="A lake")
    page = open_as(alice)
    with_pictures(page)
    page.goto("/feed/")
    like_the_first(page)
    comment_on_the_first(page)
    page.unroute("**/media/**")  # what is published has files
    (tmp_path / "one.jpg").write_bytes(picture())
    publish(page, tmp_path / "one.jpg")
    assert Like.objects.get().photo == newest
    assert Comment.objects.get().text == "Written by keys"
    assert Photo.objects.get(author=alice).caption == "Published by keys"
