"""What hands do with a mouse that takes a page a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

# How long a page may take to move aside for what is dragged over it.
PATIENCE_SECONDS = 10


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
