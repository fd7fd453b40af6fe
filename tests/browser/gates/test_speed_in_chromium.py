"""How soon the first large picture is there on a slow phone, and that nothing moves meanwhile.

The site is the one that hosts run (gunicorn, compressed files, demo data). The phone is 360 px wide
at three device pixels, its processor four times slower, its network 1.6 Mbit/s with 150 ms. A
machine that others keep busy makes every browser slow: how busy it is gets measured too. Where
the limit is missed it grows with that and says so, and the test is skipped if that is hopeless.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.browser.screenshots import site

pytestmark = [pytest.mark.stage, pytest.mark.timeout(1500)]
LCP_MS = 1200
RUNS = 3
# How many times longer than alone a program may take, before figures say nothing of the site.
TOO_BUSY = 2.0
SLOWER = 4
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
PLACES = {
    "feed": "/feed/",
    "explore": "/explore/",
    "profile": "/@lena/",
    "photo": "the first photo of explore",
}
# When the largest picture or text so far was painted, and how far things have moved.
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


def busyness() -> float:
    """Return how many times longer than its CPU time half a second of work takes here."""
    start, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 0.5:
        sum(range(1000))
    return (time.perf_counter() - start) / 0.5


@pytest.mark.parametrize("place", PLACES)
def test_the_largest_picture_is_there_soon_and_nothing_moves(
    browser: Browser, url: str, cookies: list[Any], place: str
) -> None:
    path = _path(browser, url, place)
    times, busy = [], []
    for _ in range(RUNS):
        busy.append(busyness())
        painted, moved = _opened(browser, url, cookies, path)
        assert moved == 0
        times.append(painted)
    factor = statistics.median(busy)
    told = f"{place}: LCP {[round(one) for one in times]} ms, {factor:.2f} times as long as alone"
    if statistics.median(times) <= LCP_MS:
        return
    if factor > TOO_BUSY:
        pytest.skip(f"The machine is too busy to measure. {told}")
    print(f"The limit is widened, as the machine is busy. {told}")  # noqa: T201 - shown with a failure
    assert statistics.median(times) <= LCP_MS * max(1, factor), told


def _path(browser: Browser, url: str, place: str) -> str:
    if place != "photo":
        return PLACES[place]
    page = browser.new_page(base_url=url)
    page.goto("/explore/")
    path = page.locator("main a[href^='/p/']:has(img)").first.get_attribute("href")
    page.context.close()
    assert path
    return path


def _opened(browser: Browser, url: str, cookies: list[Any], path: str) -> tuple[float, float]:
    """Open a page in an empty browser; return when its largest part was painted, and its shift."""
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
    return found["lcp"], found["cls"]
