"""A member's browser with pictures, and faults of the network that are part of a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures


@pytest.fixture(autouse=True)
def refusals_are_no_faults(faults: list[str]) -> Iterator[None]:
    """Leave out what the browser says of the failures that these tests are about."""
    yield
    expected = re.compile(r"console: (Failed to load resource|htmx:)")
    faults[:] = [line for line in faults if not expected.search(line)]


@pytest.fixture
def page(open_as: Open, alice: User) -> Page:
    """Return a page of Alice's browser, without the files of pictures."""
    page = open_as(alice)
    with_pictures(page)
    return page


def slow(page: Page, milliseconds: int) -> None:
    """Let every answer take so long."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", {**conditions, "latency": milliseconds})


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait, ten seconds at the most, until something is so in the database."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It has not come about.")


def scroll_y(page: Page) -> float:
    """Return how far the page is scrolled."""
    return float(page.evaluate("scrollY"))
