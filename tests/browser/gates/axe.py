"""axe-core in a page: which rules are asked for, and what it complains of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# WCAG 2.0 to 2.2 A and AA, and what axe calls best practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What the colours of a theme can break; all else is the same in both.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Of all that axe knows of a page only its complaints leave the browser: the rest is long.
_RUN = """async only => {
    const found = await axe.run({resultTypes: ["violations"], runOnly: only});
    return found.violations.map(({id, nodes}) => [id, nodes.map(node => String(node.target))]);
}"""


def complaints(page: Page) -> list[str]:
    """Return what axe finds wrong with a page as it is now: all in light, colours in dark as well.

    The page is light again afterwards.
    """
    page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme="light")
    found = list(_violations(page, {"type": "tag", "values": _RULES}))
    page.emulate_media(color_scheme="dark")
    of_colours = {"type": "rule", "values": _OF_COLOURS}
    found += [f"in dark, {fault}" for fault in _violations(page, of_colours)]
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, only: dict[str, Any]) -> Iterator[str]:
    """Yield what axe, which is in the page, complains of: the rule, and where."""
    for rule, targets in page.evaluate(_RUN, only):
        yield f"{rule}: {'; '.join(targets[:3])} ({len(targets)})"
