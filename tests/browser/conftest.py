"""A real Chromium against a real server on loopback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.browser import hands
from tests.browser.chromium import ARGUMENTS, EXECUTABLE

# Playwright runs an event loop in this thread; Django would refuse its synchronous queries there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# What a machine that has much to do brings late is no fault of what is tested.
expect.set_options(timeout=15_000)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once for the run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium_with_bfcache(chromium: Browser) -> Iterator[Browser]:
    """Start a Chromium whose "Back" shows pages as they were left, as it does for people."""
    browser = chromium.browser_type.launch(
        executable_path=EXECUTABLE,
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """Collect what the browser complains of; a test that leaves something here fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def open_as(chromium: Browser, live_server: Any, faults: list[str]) -> Iterator[Open]:
    """Return a function that opens a page as someone, at phone or desktop width."""
    yield from _opening(chromium, live_server.url, faults)


@pytest.fixture
def open_unwatched(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """Return a function like ``open_as`` for tests whose tools the browser complains of."""
    yield from _opening(chromium, live_server.url, [])


@pytest.fixture
def open_with_bfcache(
    chromium_with_bfcache: Browser, live_server: Any, faults: list[str]
) -> Iterator[Open]:
    """Return a function that opens a page in the browser with the back/forward cache."""
    yield from _opening(chromium_with_bfcache, live_server.url, faults)


def _opening(browser: Browser, url: str, faults: list[str]) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def open_page(
        user: User | None = None,
        *,
        width: int = 1280,
        script: bool = True,
        dark: bool = False,
        touch: bool = False,
        zone: str = "UTC",
    ) -> Page:
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            service_workers="block",
            has_touch=touch,
            timezone_id=zone,
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": url, "httpOnly": True}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: _note_error(faults, str(error)))
        page.on("console", lambda line: _note(faults, line))
        return page

    yield open_page
    hands.let_go()
    for context in contexts:
        context.close()


def _note_error(faults: list[str], error: str) -> None:
    # A page that has left, or that takes no part, has no transition: the browser says so to nobody.
    if "ViewTransition" not in error and not error.startswith("Transition was "):
        faults.append(f"script: {error}")


def _note(faults: list[str], line: Any) -> None:
    # A refused form is an answer, not a fault; Chromium reports its status all the same.
    if line.type == "error" and "status of 422" not in line.text:
        faults.append(f"console: {line.text}")


@pytest.fixture
def layout_shift() -> Callable[[Page], float]:
    """Return a function that tells how far things moved on an open page while it loaded."""

    def measure(page: Page) -> float:
        moved: float = page.evaluate(
            """() => new Promise(done => { let sum = 0;
            new PerformanceObserver(
                list => list.getEntries().forEach(entry => { sum += entry.value; })
            ).observe({type: "layout-shift", buffered: true});
            setTimeout(() => done(sum), 1500); })"""
        )
        return moved

    return measure
