"""A photo opened over the list it stands in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Photo
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.browser.test_pages_in_chromium import scroll_down, with_pictures
from tests.factories import make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def profile_of(open_as: Open, author: User, number: int, *, width: int = 1280) -> Page:
    """Open a profile with so many photos, the newest first."""
    for place in range(number):
        make_photo(author, alt_text=f"Photo {place}")
    page = open_as(author, width=width)
    with_pictures(page)
    page.goto(f"/@{author.username}/")
    return page


def opened(page: Page, alt_text: str) -> None:
    """Wait until the viewer shows this photo."""
    expect(page.get_by_role("dialog").locator(".stage").get_by_alt_text(alt_text)).to_be_visible()


@pytest.mark.parametrize("way", ["Back", "Escape", "Close"])
def test_a_photo_opens_over_its_list_which_stands_as_it_stood(
    open_as: Open, alice: User, way: str
) -> None:
    page = profile_of(open_as, alice, 30)
    list_address = page.url
    scroll_down(page)
    expect(page.get_by_alt_text("Photo 0", exact=True)).to_be_attached()
    link = page.locator(
        f'main a[href="{Photo.objects.get(alt_text="Photo 4").get_absolute_url()}"]'
    )
    link.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    assert top > 0
    link.click()
    opened(page, "Photo 4")
    expect(page).to_have_url(re.compile(r"/p/\w+/$"))
    expect(page).to_have_title(re.compile("^alice"))
    if way == "Back":
        page.go_back()
    elif way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    assert page.evaluate("scrollY") == top
    assert page.url.partition("?")[0] == list_address


def test_the_address_of_an_open_photo_is_that_of_its_page(open_as: Open, alice: User) -> None:
    page = profile_of(open_as, alice, 2)
    page.get_by_alt_text("Photo 1").click()
    opened(page, "Photo 1")
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("main .stage").get_by_alt_text("Photo 1")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/@alice/"))
    expect(page.locator(".grid, main").get_by_alt_text("Photo 0")).to_be_visible()


def test_arrows_lead_through_the_list_and_on_to_its_next_page(open_as: Open, alice: User) -> None:
    page = profile_of(open_as, alice, 27)
    page.get_by_alt_text("Photo 26").click()
    opened(page, "Photo 26")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Previous photo")).to_be_hidden()
    dialog.get_by_role("button", name="Next photo").click()
    opened(page, "Photo 25")
    page.keyboard.press("ArrowLeft")
    opened(page, "Photo 26")
    for number in range(25, -1, -1):
        page.keyboard.press("ArrowRight")
        opened(page, f"Photo {number}")
    expect(dialog.get_by_role("button", name="Next photo")).to_be_hidden()
    page.keyboard.press("Escape")
    last = page.locator("main a.tile").last
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()


def test_the_next_photo_is_there_before_it_is_asked_for(open_as: Open, alice: User) -> None:
    page = profile_of(open_as, alice, 3)
    second = Photo.objects.get(alt_text="Photo 1").get_absolute_url()
    with page.expect_response(f"**{second}"):
        page.get_by_alt_text("Photo 2").click()
    opened(page, "Photo 2")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("ArrowRight")
    opened(page, "Photo 1")
    assert [url for url in asked if url.endswith(second)] == []


def test_a_swipe_turns_to_the_next_photo(open_as: Open, alice: User) -> None:
    page = profile_of(open_as, alice, 3, width=390)
    page.emulate_media(reduced_motion="reduce")  # no picture grows above what the finger touches
    page.get_by_alt_text("Photo 2").click()
    opened(page, "Photo 2")
    touch = page.context.new_cdp_session(page)

    def swipe(start: int, end: int) -> None:
        for kind, x in (("touchStart", start), ("touchMove", end), ("touchEnd", None)):
            points = [] if x is None else [{"x": x, "y": 200}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(300, 100)
    opened(page, "Photo 1")
    swipe(100, 300)
    opened(page, "Photo 2")


def test_what_is_done_in_the_dialog_is_seen_in_the_list(open_as: Open, alice: User) -> None:
    make_photo(alice, alt_text="A boat")
    page = open_as(alice)
    with_pictures(page)
    page.goto("/feed/")
    page.get_by_alt_text("A boat").click()
    opened(page, "A boat")
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("form.like button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("article.card form.like button")).to_have_attribute("aria-pressed", "true")


def test_without_javascript_a_photo_is_a_page(open_as: Open, alice: User) -> None:
    make_photo(alice, alt_text="A boat")
    page = open_as(alice, script=False)
    with_pictures(page)
    page.goto("/@alice/")
    page.get_by_alt_text("A boat").click()
    expect(page.locator("main .stage").get_by_alt_text("A boat")).to_be_visible()


def test_a_photo_that_cannot_be_loaded_opens_as_a_page(
    open_as: Open, alice: User, faults: list[str]
) -> None:
    make_photo(alice, alt_text="A boat")
    page = open_as(alice)
    with_pictures(page)
    page.goto("/@alice/")
    page.route("**/p/*/", lambda route: route.abort(), times=1)
    page.get_by_alt_text("A boat").click()
    expect(page.locator("main .stage").get_by_alt_text("A boat")).to_be_visible()
    faults.clear()  # the browser notes the request that was cut off


@pytest.mark.parametrize("what", ["the list's next page", "the photo"])
def test_a_turn_that_fails_says_so_at_once_and_is_tried_again(
    open_as: Open, alice: User, faults: list[str], what: str
) -> None:
    for place in range(27):
        make_photo(alice, alt_text=f"Photo {place}")
    page = open_as(alice)
    with_pictures(page)
    last = Photo.objects.order_by("-id")[23]
    following = Photo.objects.order_by("-id")[24]
    broken = "**/*?cursor=*" if what != "the photo" else f"**{following.get_absolute_url()}"
    page.route(broken, lambda route: route.abort())
    page.goto("/@alice/")
    page.get_by_alt_text(last.alt_text, exact=True).click()
    opened(page, last.alt_text)
    page.keyboard.press("ArrowRight")
    toast = page.get_by_role("dialog").locator(".toast")
    expect(toast).to_contain_text("No connection")
    opened(page, last.alt_text)
    page.unroute(broken)
    toast.get_by_role("button", name="Try again").click()
    opened(page, following.alt_text)
    expect(toast).to_have_count(0)
    faults.clear()  # the browser notes the requests that were cut off


def test_a_photo_that_was_opened_is_forgotten_with_the_list(open_as: Open, alice: User) -> None:
    page = profile_of(open_as, alice, 1)
    for _ in range(2):
        with page.expect_response("**/p/*/"):
            page.get_by_alt_text("Photo 0").click()
        opened(page, "Photo 0")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_photo_that_is_long_in_coming_says_so_and_can_be_given_up(
    open_as: Open, alice: User
) -> None:
    page = profile_of(open_as, alice, 2)
    link = page.locator("main a.tile", has=page.get_by_alt_text("Photo 1"))
    held = hold(page, "**/p/*/")
    link.click()
    waiting = page.get_by_role("dialog", name="Loading…")
    expect(waiting).to_be_visible()
    page.keyboard.press("Escape")
    expect(waiting).to_have_count(0)
    expect(link).to_be_focused()
    page.unroute("**/p/*/")
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("/@alice/"))
    link.click()
    opened(page, "Photo 1")
    expect(waiting).to_have_count(0)
