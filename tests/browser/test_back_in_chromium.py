"""What "Back" shows, in a browser that keeps pages as they were left and in one that does not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Follow, User
from tests.browser.answers.conftest import until
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.browser.test_pages_in_chromium import scroll_down, with_pictures
from tests.factories import make_follow, make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(params=["open_as", "open_with_bfcache"])
def open_page(request: pytest.FixtureRequest) -> Open:
    """Return the function of either browser that opens a page."""
    opened: Open = request.getfixturevalue(request.param)
    return opened


def go_back(page: Page) -> None:
    """Press "Back"; Playwright's own way waits for what a kept page does not do."""
    page.evaluate("setTimeout(() => history.back())")


def like_there(page: Page, tile: str, *, over: bool) -> None:
    """Open a photo, over its list or on a page of its own, like it, write a comment, go back."""
    link = page.locator(tile).first
    path = link.get_attribute("href")
    assert path
    if over:
        link.click()
    else:
        page.goto(path)
    photo = page.get_by_role("dialog") if over else page.locator("article.viewer")
    photo.get_by_role("button", name="Like").click()
    expect(photo.locator("button[aria-pressed=true]")).to_be_visible()
    photo.get_by_label("Comment", exact=True).fill("Lovely")
    photo.get_by_role("button", name="Send").click()
    expect(photo.get_by_role("heading", name="1 comment")).to_be_visible()
    go_back(page)
    expect(photo).to_have_count(0)


def test_nothing_private_comes_back_after_a_log_out(open_page: Open, alice: User) -> None:
    page = open_page(alice)
    page.goto("/settings/email/")
    expect(page.get_by_text("alice@example.org")).to_be_visible()
    page.goto("/@alice/")
    page.locator("main").get_by_role("button", name="Profile menu").click()
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Sign up")).to_be_visible()
    go_back(page)
    expect(page.get_by_role("heading", name="alice")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    go_back(page)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert "alice@example.org" not in page.content()


@pytest.mark.parametrize("over", [True, False], ids=["over the feed", "page of its own"])
def test_the_feed_shows_what_was_done_on_the_photo(
    open_page: Open, alice: User, *, over: bool
) -> None:
    make_photo(alice)
    page = open_page(alice)
    with_pictures(page)
    page.goto("/feed/")
    like_there(page, "article.card a.picture", over=over)
    card = page.locator("article.card")
    expect(card.locator("button[aria-pressed=true]")).to_contain_text("1")
    expect(card.get_by_role("link", name="Comments")).to_contain_text("1")
    # The button still works.
    like = card.get_by_role("button", name="Like")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(like).to_contain_text("0")


def test_a_grid_shows_what_was_done_on_the_photo(open_page: Open, alice: User) -> None:
    make_photo(alice)
    page = open_page(alice)
    with_pictures(page)
    page.goto("/explore/")
    # By these classes each has its icon.
    likes, comments = (
        page.locator(".tile-counts > .likes"),
        page.locator(".tile-counts > .comments"),
    )
    expect(likes).to_have_text("0")
    like_there(page, "a.tile", over=True)
    expect(likes).to_have_text("1")
    expect(comments).to_have_text("1")


def test_what_was_loaded_while_scrolling_is_there_and_right(
    open_with_bfcache: Open, alice: User
) -> None:
    for _ in range(25):
        make_photo(alice)
    page = open_with_bfcache(alice)
    with_pictures(page)
    page.goto("/feed/")
    expect(page.locator("article.card")).to_have_count(20)
    scroll_down(page)
    expect(page.locator("article.card")).to_have_count(25)
    like_there(page, "article.card:last-of-type a.picture", over=False)
    expect(page.locator("article.card").last.locator("button[aria-pressed=true]")).to_be_visible()
    expect(page.locator("article.card")).to_have_count(25)


def test_a_profile_shows_who_was_followed_meanwhile(
    open_page: Open, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    page = open_page(alice)
    page.goto("/@alice/")
    expect(page.locator(".counts")).to_contain_text("0 following")
    page.get_by_role("link", name="follower").click()
    page.get_by_role("button", name="Follow back bob").click()
    expect(page.get_by_role("button", name="Unfollow bob")).to_be_visible()
    go_back(page)
    expect(page.locator(".counts")).to_contain_text("1 following")


def test_a_press_that_the_site_had_not_answered_is_right_on_the_next_page(
    open_page: Open, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    page = open_page(alice)
    page.goto("/@alice/")
    page.get_by_role("link", name="follower").click()
    hold(page, "**/follow/", times=1)
    page.get_by_role("button", name="Follow back bob").click()
    expect(page.get_by_role("button", name="Unfollow bob")).to_be_visible()
    go_back(page)
    expect(page.locator(".counts")).to_contain_text("1 following")
    page.reload()
    expect(page.locator(".counts")).to_contain_text("1 following")
    assert Follow.objects.filter(follower=alice, followee=bob).count() == 1
    page.wait_for_function("() => !sessionStorage.getItem('unanswered')")


def test_a_press_that_is_answered_while_the_next_page_is_on_its_way_is_right_there(
    open_as: Open, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    page = open_as(alice)
    page.goto("/@alice/")
    page.get_by_role("link", name="follower").click()
    expect(page.get_by_role("heading", name="Followers")).to_be_visible()
    presses = hold(page, "**/follow/", times=1)
    page.get_by_role("button", name="Follow back bob").click()
    expect(page.get_by_role("button", name="Unfollow bob")).to_be_visible()
    pages = hold(page, "**/@alice/", times=1)
    go_back(page)
    until(page, lambda: bool(pages))
    # Rendered before the press has arrived, and shown after its answer.
    rendered = pages[0].fetch()
    with page.expect_response("**/follow/") as answer:
        presses[0].continue_()
    answer.value.finished()
    pages[0].fulfill(response=rendered)
    expect(page.locator(".counts")).to_contain_text("1 following")
