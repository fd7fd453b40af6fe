"""That nothing moves while a page loads on a slow phone.

The site is the one that hosts run (gunicorn, compressed files, demo data). The phone is 360 px wide
at three device pixels, its processor four times slower, its network 1.6 Mbit/s with 150 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.browser.screenshots import site

pytestmark = [pytest.mark.stage, pytest.mark.timeout(1500)]
SLOWER = 4
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
PLACES = {"feed": "/feed/", "explore": "/explore/", "photo": "the first photo of explore"}
# How far things have moved, and whether anything large was painted.
_WATCH = """() => {
    window.found = {lcp: 0, cls: 0};
    new PerformanceObserver(list => list.getEntries().forEach(one => {
        found.lcp = one.startTime;
    })).observe({type: "largest-contentful-paint", buffered: true});
    new PerformanceObserver(list => list.getEntries().forEach(one => {
        if (!one.hadRecentInput) found.cls += one.value;
    })).observe({type: "layout-shift", buffered: true});
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with site.running(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def cookies(browser: Browser, url: str) -> list[Any]:
    """Return the cookies of the demo account."""
    page = browser.new_page(base_url=url)
    page.goto("/login/")
    page.fill("input[name=username]", "demo")
    page.fill("input[name=password]", "demo-minigram")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/feed/")
    found = [dict(one) for one in page.context.cookies()]
    page.context.close()
    return found


@pytest.mark.parametrize("place", PLACES)
def test_nothing_moves_while_a_page_loads(
    browser: Browser, url: str, cookies: list[Any], place: str
) -> None:
    assert _moved(browser, url, cookies, _path(browser, url, place)) == 0


def _path(browser: Browser, url: str, place: str) -> str:
    if place != "photo":
        return PLACES[place]
    page = browser.new_page(base_url=url)
    page.goto("/explore/")
    path = page.locator("main a[href^='/p/']:has(img)").first.get_attribute("href")
    page.context.close()
    assert path
    return path


def _moved(browser: Browser, url: str, cookies: list[Any], path: str) -> float:
    """Open a page in an empty browser; return its cumulative layout shift."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": 360, "height": 740},
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
        service_workers="block",
    )
    context.add_cookies(cookies)
    context.add_init_script(f"({_WATCH})()")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path, wait_until="networkidle", timeout=120_000)
    found = page.evaluate("found")
    context.close()
    assert found["lcp"] > 0
    return float(found["cls"])
