"""Long lists in a real browser: after failures, after "Back", at their end, and new photos."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from photos.models import Photo
from tests.browser.answers.conftest import scroll_y
from tests.browser.test_back_in_chromium import go_back
from tests.browser.test_pages_in_chromium import scroll_down
from tests.factories import make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
CARDS = "article.card"
# Somebody scrolls by 6000 px, a screen of a phone in three frames.
SCROLL = """
async () => {
    for (let step = 0; step < 20; step++) {
        scrollBy(0, 300);
        await new Promise(requestAnimationFrame);
    }
    await new Promise(done => setTimeout(done, 200));
}
"""
LONGEST_TASK_MS = 50


@pytest.fixture
def photos(alice: User) -> list[Photo]:
    """Return three pages of photos, the oldest first."""
    return [make_photo(alice, f"Number {number}") for number in range(45)]


def refuse(page: Page, answer: Callable[[Route], None]) -> None:
    """Answer every further page of the feed so."""
    page.route("**/feed/?cursor=*", answer)


@pytest.mark.parametrize("status", [0, 503])
def test_a_failed_page_is_tried_again_and_moves_nothing(
    page: Page, photos: list[Photo], status: int
) -> None:
    page.goto("/feed/")
    refuse(page, lambda route: route.fulfill(status=status) if status else route.abort())
    scroll_down(page)
    line = page.locator(".more.failed")
    expect(line).to_be_visible()
    before = scroll_y(page)
    assert before > 1000
    line.get_by_role("button", name="Try again").click()
    expect(line).to_be_visible()
    assert abs(scroll_y(page) - before) <= 1  # heights are fractions of pixels
    page.unroute("**/feed/?cursor=*")
    line.get_by_role("button", name="Try again").click()
    expect(page.locator(CARDS)).to_have_count(40)
    expect(line).to_have_count(0)


def test_a_connection_that_comes_back_brings_the_next_page(page: Page, photos: list[Photo]) -> None:
    page.goto("/feed/")
    page.context.set_offline(True)
    scroll_down(page)
    expect(page.locator(".more.failed")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(CARDS)).to_have_count(40)


def test_back_leads_to_the_same_place_without_a_cache(page: Page, photos: list[Photo]) -> None:
    page.goto("/feed/")
    for count in (40, 45):
        scroll_down(page)
        expect(page.locator(CARDS)).to_have_count(count)
    card = page.locator(f"#photo-{photos[9].code}")
    card.evaluate("card => card.scrollIntoView({block: 'center'})")
    expect(page).to_have_url(re.compile("cursor="))
    before = card.bounding_box()
    assert before
    card.locator("a.when").click()
    page.wait_for_url("**/p/**")
    go_back(page)
    expect(card).to_be_in_viewport()
    page.wait_for_function("() => document.readyState === 'complete'")
    after = card.bounding_box()
    assert after
    assert abs(after["y"] - before["y"]) < 100
    newer = page.get_by_role("link", name="Newer photos")
    expect(newer).to_be_attached()
    count = page.locator(CARDS).count()
    newer.evaluate("link => link.click()")
    expect(page.locator(CARDS)).to_have_count(count + 20)
    moved = card.bounding_box()
    assert moved
    assert abs(moved["y"] - after["y"]) < 2


def test_the_end_of_the_feed_says_so(page: Page, alice: User) -> None:
    make_photo(alice)
    page.goto("/feed/")
    expect(page.get_by_text("You have seen everything since")).to_be_visible()


def test_new_photos_are_told_and_come_without_moving_what_one_sees(
    page: Page, alice: User, photos: list[Photo]
) -> None:
    page.clock.install()
    page.goto("/feed/")
    page.evaluate("scrollTo(0, 900)")
    for _ in range(3):
        make_photo(alice, "Just now")
    expect(page.locator(".pill")).to_have_count(0)
    page.clock.fast_forward("01:05")
    pill = page.get_by_role("button", name="3 new photos")
    expect(pill).to_be_visible()
    assert scroll_y(page) == 900
    pill.click()
    expect(page.locator(CARDS)).to_have_count(23)
    expect(pill).to_have_count(0)
    expect(page.locator(CARDS).first).to_be_focused()
    assert "Just now" in page.locator(CARDS).first.inner_text()


def test_scrolling_keeps_a_slow_phone_free(page: Page, photos: list[Photo]) -> None:
    page.goto("/feed/")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    longest = [_longest_task(page) for _ in range(5)]
    assert page.locator(CARDS).count() > 20
    assert statistics.median(longest) <= LONGEST_TASK_MS, longest


def _longest_task(page: Page) -> float:
    """Scroll on; return the milliseconds of CPU that the longest task of the page took.

    Not those of a clock: others use this machine as well.
    """
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["toplevel"])
    page.evaluate(SCROLL)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    main = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [one for one in events if (one["pid"], one["tid"]) in main and "tdur" in one]
    assert len(tasks) > 20
    return float(max(one["tdur"] for one in tasks)) / 1000
