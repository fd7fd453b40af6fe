"""The wall: justified rows whose tiles are as sharp as the screen, on every window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import User
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import scroll_down
from tests.browser.wall.scene import (
    SHAPES,
    load_all,
    make_shaped,
    make_wall,
    tiles_of,
    with_sized_pictures,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def screen(chromium: Browser, live_server: Any) -> Iterator[Callable[[int, float], Page]]:
    """Return a function that opens a window as wide as asked, of so many pixels per CSS pixel."""
    contexts = []

    def opened(width: int, scale: float) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            device_scale_factor=scale,
            service_workers="block",
        )
        contexts.append(context)
        page = context.new_page()
        with_sized_pictures(page)
        return page

    yield opened
    for context in contexts:
        context.close()


def without_measuring(route: Route) -> None:
    """Answer with the page as browsers understand it that know no ``sizes="auto"``."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('sizes="auto, ', 'sizes="'))


@pytest.mark.parametrize("measuring", [True, False], ids=["auto", "estimated"])
@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_tiles_are_as_sharp_as_the_screen(
    screen: Callable[[int, float], Page], alice: User, width: int, measuring: bool
) -> None:
    make_wall(alice, len(SHAPES))
    for scale in (1, 2, 3):
        page = screen(width, scale)
        for address in ("/explore/", "/@alice/"):
            if not measuring:
                page.route(f"**{address}", without_measuring)
            page.goto(address)
            load_all(page)
            for tile in tiles_of(page):
                enough = 0.9 * min(tile["needed"], tile["widest"])
                assert tile["file"] >= enough, (scale, address, tile)
        page.close()


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_rows_are_full_and_as_high_throughout(
    screen: Callable[[int, float], Page], alice: User, width: int
) -> None:
    make_wall(alice)
    page = screen(width, 1)
    page.goto("/explore/")
    load_all(page)
    wall = page.locator(".grid").bounding_box()
    assert wall
    tiles = tiles_of(page)
    rows = [list(row) for _, row in groupby(tiles, key=lambda tile: round(tile["top"]))]
    assert len(rows) > 2
    for row in rows:
        heights = [tile["height"] for tile in row]
        assert max(heights) - min(heights) <= 1.5
        for tile in row:
            held = min(max(tile["shape"], 0.5), 3)
            assert tile["width"] / tile["height"] == pytest.approx(held, rel=0.03)
    for row in rows[:-1]:
        assert row[-1]["right"] == pytest.approx(wall["x"] + wall["width"], abs=1)
    # The last one is no higher than a row is at least, whatever is left beside it.
    low = 104 if width < 768 else 180 if width < 1440 else 240
    assert rows[-1][0]["height"] <= low + 1


def test_a_wall_uses_the_window(screen: Callable[[int, float], Page], alice: User) -> None:
    make_wall(alice)
    page = screen(1920, 1)
    page.goto("/explore/")
    wall = page.locator(".grid").bounding_box()
    assert wall
    assert wall["width"] >= 0.8 * 1920
    page = screen(360, 1)
    page.goto("/explore/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_further_photos_fill_the_row_that_was_begun(open_as: Open, alice: User) -> None:
    make_wall(alice, 30)
    page = open_as(alice)
    with_sized_pictures(page)
    page.goto("/explore/")
    expect(page.locator(".tile")).to_have_count(24)
    scroll_down(page)
    expect(page.locator(".tile")).to_have_count(30)
    # Only the last page leaves room beside its last row.
    displays = page.locator(".rest").evaluate_all(
        "all => all.map(i => getComputedStyle(i).display)"
    )
    assert displays == ["none", "block"]
    tiles = tiles_of(page)
    rows = [list(row) for _, row in groupby(tiles, key=lambda tile: round(tile["top"]))]
    ends = {round(row[-1]["right"]) for row in rows[:-1]}
    assert len(ends) == 1


def test_a_profile_on_a_phone_has_three_columns(open_as: Open, alice: User) -> None:
    make_wall(alice, 7)
    page = open_as(None, width=390)
    with_sized_pictures(page)
    page.goto("/@alice/")
    tiles = tiles_of(page)
    assert len({round(tile["left"]) for tile in tiles}) == 3
    for tile in tiles:
        assert tile["width"] / tile["height"] == pytest.approx(3 / 4, rel=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_counts_stand_on_ones_own_photos_and_wait_on_those_of_others(
    open_as: Open, alice: User, bob: User
) -> None:
    make_shaped(alice, (1200, 800))
    own, other = open_as(alice), open_as(bob)
    for page, shown in ((own, "1"), (other, "0")):
        with_sized_pictures(page)
        page.goto("/@alice/")
        counts = page.locator(".tile-counts")
        expect(counts).to_have_css("opacity", shown)
        page.locator(".tile").hover()
        expect(counts).to_have_css("opacity", "1")
    other.mouse.move(0, 0)
    expect(other.locator(".tile-counts")).to_have_css("opacity", "0")
    other.locator(".tile").focus()
    other.keyboard.press("Shift+Tab")
    other.keyboard.press("Tab")
    expect(other.locator(".tile-counts")).to_have_css("opacity", "1")


def test_a_tile_tells_that_there_are_more_pictures(open_as: Open, alice: User) -> None:
    make_shaped(alice, (1200, 800), (800, 1200), (1000, 1000))
    page = open_as()
    with_sized_pictures(page)
    page.goto("/explore/")
    expect(page.get_by_role("link", name="3 pictures")).to_have_count(1)
    expect(page.locator(".tile-mark svg")).to_be_visible()


def test_photos_are_high_on_the_first_page(open_as: Open, alice: User) -> None:
    make_wall(alice)
    for width, highest in ((360, 440), (1280, 160), (1920, 160)):
        page = open_as(width=width)
        with_sized_pictures(page)
        page.goto("/")
        first = page.locator(".tile").first.bounding_box()
        assert first
        assert first["y"] <= highest
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_moves_while_a_wall_arrives(
    open_as: Open, alice: User, layout_shift: Callable[[Page], float]
) -> None:
    make_wall(alice)
    page = open_as(alice, width=390)
    with_sized_pictures(page)
    page.goto("/explore/")
    assert layout_shift(page) == 0
