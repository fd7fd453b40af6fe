"""Photos of many shapes, and pictures for them that are as wide as their addresses say."""

from __future__ import annotations

import re
from functools import cache
from itertools import count
from typing import Any

from django.db import transaction
from playwright.sync_api import Page, Route

from accounts.models import User
from photos.models import Photo
from photos.pictures import Picture
from photos.services import create_photo
from social import feed
from tests.factories import picture

# Landscape, portrait, square, wide, a panorama, two that are wider and higher than tiles are.
SHAPES = (
    *((3000, 2000), (2000, 3000), (2000, 2000), (1920, 1080), (3000, 800)),
    *((4000, 3000), (900, 2000), (1200, 1600), (5000, 1000), (2400, 1600)),
)
WIDTHS = (320, 640, 1080, 1600)
_numbers = count(1)


def picture_of(width: int, height: int) -> Picture:
    """Return a picture with rows for its sizes, and no files."""
    name = f"renditions/wall{next(_numbers)}"
    widths = [one for one in WIDTHS if one <= width]
    return Picture(
        width=width,
        height=height,
        placeholder="data:image/webp;base64,",
        alt_text="",
        original=f"{name}.jpeg",
        renditions=[(one, round(one * height / width), f"{name}-{one}.webp") for one in widths],
    )


def make_shaped(author: User, *sizes: tuple[int, int]) -> Photo:
    """Publish a photo of pictures with these sizes in pixels."""
    with transaction.atomic():
        photo = create_photo(author=author, pictures=[picture_of(*size) for size in sizes])
        feed.fan_out(photo)
    return photo


def make_wall(author: User, number: int = 20) -> None:
    """Publish so many photos, of all shapes in turn."""
    for place in range(number):
        make_shaped(author, SHAPES[place % len(SHAPES)])


@cache
def _file(width: int) -> bytes:
    return picture((width, 8), "PNG")


def with_sized_pictures(page: Page) -> None:
    """Answer for each picture with one of the width in its name."""

    def answer(route: Route) -> None:
        width = re.search(r"-(\d+)\.webp", route.request.url)
        route.fulfill(body=_file(int(width[1]) if width else 40), content_type="image/png")

    page.route("**/media/**", answer)


def load_all(page: Page) -> None:
    """Scroll along the page, until each of its tiles has chosen its file."""
    page.wait_for_function(
        """() => {
            const late = [...document.querySelectorAll(".tile img")].find(one => !one.currentSrc);
            late?.scrollIntoView({behavior: "instant", block: "center"});
            return !late && document.querySelector(".tile img");
        }""",
        timeout=20_000,
    )


def tiles_of(page: Page) -> list[dict[str, Any]]:
    """Return place, size and file of each tile: the file's width, and that of the widest one."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => [...document.querySelectorAll(".tile")].map(tile => {
            const image = tile.querySelector("img");
            const {left, right, top, width, height} = tile.getBoundingClientRect();
            const widths = [...image.srcset.matchAll(/ (\\d+)w/g)].map(found => +found[1]);
            const [own, high] = [+image.getAttribute("width"), +image.getAttribute("height")];
            return {
                left, right, top: top + scrollY, width, height, shape: own / high,
                needed: own * Math.max(width / own, height / high) * devicePixelRatio,
                file: +image.currentSrc.match(/-(\\d+)\\.webp/)?.[1],
                widest: Math.max(...widths),
            };
        })"""
    )
    return found
