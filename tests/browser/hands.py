"""What hands do: drag with a mouse that takes a page a while, and hold back an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, Route

# How long a page may take to move aside for what is dragged over it.
PATIENCE_SECONDS = 10

_HELD: list[Route] = []


def drag(
    page: Page, thing: Locator, place: tuple[float, float], *, until: Callable[[], bool]
) -> None:
    """Drag the middle of a thing to a place (x, y in CSS pixels), wait over it, and let go.

    A browser tells a page of a drag when it has time to. So the hand stays, moving a little, until
    ``until`` tells that the page has made room. Raises ``AssertionError`` if it never does.
    """
    thing.hover()
    page.mouse.down()
    x, y = place
    page.mouse.move(x, y, steps=12)
    end = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < end, "nothing has moved aside for what is dragged"
        page.wait_for_timeout(50)
        page.mouse.move(x + 1, y)
        page.mouse.move(x, y)
    page.mouse.up()


def hold(page: Page, address: str, *, times: int | None = None) -> list[Route]:
    """Leave a page's requests for an address (a glob) unanswered, and return the list of them.

    ``times`` is how many are held; later ones go through. A test may answer what is in the list.
    What it does not, ``let_go`` refuses: Playwright has a task for each request that waits, and
    complains of it in the log of a later test if its page is closed meanwhile.
    """
    held: list[Route] = []

    def keep(route: Route) -> None:
        if times is not None and len(held) >= times:
            route.fallback()
            return
        held.append(route)
        _HELD.append(route)

    page.route(address, keep)
    return held


def let_go() -> None:
    """Refuse all requests that are still held."""
    while _HELD:
        # One that the test has answered cannot be refused any more.
        with suppress(Error):
            _HELD.pop().abort("aborted")
