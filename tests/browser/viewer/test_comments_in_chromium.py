"""Comments in the viewer: sent by keys, deleted with a way back, never losing words or focus."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from photos.models import Comment, Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice with one comment of hers."""
    made = make_photo(alice)
    comment(author=alice, photo_id=made.pk, text="The first")
    return made


@pytest.fixture
def page(open_as: Open, alice: User, photo: Photo) -> Page:
    """Return its page, opened by alice."""
    opened = open_as(alice)
    with_pictures(opened)
    opened.goto(photo.get_absolute_url())
    return opened


def test_enter_sends_on_a_desktop_and_the_box_keeps_the_focus(page: Page) -> None:
    field = page.get_by_label("Comment", exact=True)
    field.press_sequentially("One line")
    field.press("Shift+Enter")
    field.press_sequentially("and another")
    field.press("Enter")
    expect(page.locator(".comment-list")).to_contain_text("One line")
    expect(page.locator(".comment-list")).to_contain_text("and another")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(page.get_by_role("heading", name="2 comments")).to_be_visible()


def test_a_comment_is_sent_once_however_often_enter_is_pressed(page: Page) -> None:
    field = page.get_by_label("Comment", exact=True)
    field.fill("Only once")
    field.evaluate(
        """field => { for (let i = 0; i < 3; i++) field.dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})); }"""
    )
    expect(page.get_by_text("Only once")).to_be_visible()
    assert Comment.objects.filter(text="Only once").count() == 1


def test_what_could_not_be_sent_stays_in_the_box(page: Page, faults: list[str]) -> None:
    field = page.get_by_label("Comment", exact=True)
    page.route("**/comments/", lambda route: route.abort())
    field.fill("Not lost")
    field.press("Enter")
    expect(page.get_by_text("The site can’t be reached.", exact=False)).to_be_visible()
    expect(field).to_have_value("Not lost")
    assert page.evaluate("scrollY") == 0
    page.unroute("**/comments/")
    page.locator(".toast").get_by_role("button", name="Try again").click()
    expect(page.locator(".comment-list").get_by_text("Not lost")).to_be_visible()
    faults.clear()  # the browser notes the request that was cut off


def test_a_deleted_comment_is_back_by_one_press(page: Page) -> None:
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The first")).to_be_hidden()
    expect(page.locator("body")).not_to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The first")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    assert Comment.objects.exists()


def test_a_comment_is_deleted_when_the_page_is_left(page: Page) -> None:
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Comment deleted")).to_be_visible()
    page.goto("/settings/")
    patience = time.monotonic() + 10
    while Comment.objects.exists() and time.monotonic() < patience:
        page.wait_for_timeout(50)
    assert not Comment.objects.exists()


def test_a_comment_that_cannot_be_deleted_is_shown_again(page: Page, faults: list[str]) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=500, body="")

    page.route("**/delete/", refuse)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The first")).to_be_hidden()
    expect(page.get_by_text("couldn’t be deleted", exact=False)).to_be_visible(timeout=15_000)
    expect(page.get_by_text("The first")).to_be_visible()
    page.unroute("**/delete/")
    page.locator(".toast").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The first")).to_have_count(0)
    expect(page.get_by_text("No comments yet.")).to_be_visible()
    assert not Comment.objects.exists()
    faults.clear()  # the browser notes the answer 500


def test_no_act_of_a_keyboard_loses_the_focus(page: Page) -> None:
    page.get_by_role("link", name="Reply").press("Enter")
    expect(page.get_by_label("Reply to alice")).to_be_focused()
    page.keyboard.type("An answer")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("list", name="Replies")).to_contain_text("An answer")
    expect(page.locator("body")).not_to_be_focused()
    like = page.locator(".comment-list").get_by_role("button", name="Like").first
    like.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(page.locator("body")).not_to_be_focused()


def test_comments_show_the_faces_of_their_authors(page: Page) -> None:
    expect(page.locator(".comment .avatar")).to_have_count(1)


def no_refusals(faults: list[str]) -> None:
    """Leave out what the browser says of requests that were meant to fail."""
    faults[:] = [line for line in faults if "Failed to load resource" not in line]


def test_older_comments_that_failed_come_when_the_connection_is_back(
    page: Page, photo: Photo, alice: User, faults: list[str]
) -> None:
    for number in range(25):
        comment(author=alice, photo_id=photo.pk, text=f"Number {number:02}")
    page.route("**/?cursor=*", lambda route: route.abort())
    page.reload()
    page.get_by_role("link", name="Older comments").scroll_into_view_if_needed()
    line = page.locator(".comment-list .more.failed")
    expect(line).to_contain_text("More couldn’t be loaded.")
    line.get_by_role("button", name="Try again").click()
    expect(line).to_be_visible()
    page.unroute("**/?cursor=*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("The first")).to_be_attached()
    expect(line).to_have_count(0)
    no_refusals(faults)


def test_replies_that_failed_come_after_try_again_and_have_the_focus(
    page: Page, photo: Photo, alice: User, faults: list[str]
) -> None:
    top = Comment.objects.get()
    for number in range(30):
        comment(author=alice, photo_id=photo.pk, text=f"Reply {number:02}", reply_to=top)
    page.reload()
    page.route("**/?cursor=*", lambda route: route.abort())
    page.get_by_role("link", name="more replies").press("Enter")
    again = page.locator(".replies .more.failed").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.unroute("**/?cursor=*")
    again.press("Enter")
    expect(page.locator(".replies > li:focus")).to_contain_text("Reply")
    page.get_by_role("link", name="More replies").press("Enter")
    expect(page.get_by_text("Reply 29")).to_be_attached()
    no_refusals(faults)
