"""Very long pictures on pages, and the moment of the camera in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from photos.files.shown import CardPicture
from photos.templatetags.times import in_words
from tests.factories import picture, published, upload

As = Callable[[User | None], Client]


def shaped(width: int, height: int) -> CardPicture:
    return CardPicture(
        "code",
        "",
        width,
        height,
        "",
        (
            (320, 1, "a.webp"),
            (640, 2, "b.webp"),
        ),
    )


@pytest.mark.parametrize(
    ("width", "height", "aspect", "wide"),
    [(1200, 800, 1.5, 540), (800, 6000, 0.5, 180), (9000, 1200, 3, 2700)],
)
def test_a_tile_has_the_shape_of_its_picture_and_a_file_that_covers_it(
    width: int, height: int, aspect: float, wide: int
) -> None:
    shown = shaped(width, height)
    assert shown.tile_aspect == aspect
    assert shown.tile_sizes.startswith(f"(min-width: 1440px) {wide}px, ")


@pytest.mark.parametrize(
    ("width", "height", "is_long"),
    [(1200, 800, False), (1080, 2400, False), (1080, 8000, True), (9000, 1200, True)],
)
def test_a_long_picture_can_be_enlarged(width: int, height: int, *, is_long: bool) -> None:
    assert shaped(width, height).enlarged.endswith("b.webp") is is_long


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "links"), [((300, 900), 1), ((400, 300), 0)])
def test_the_page_of_a_long_picture_leads_to_its_largest_file(
    browser_as: As, alice: User, size: tuple[int, int], links: int
) -> None:
    photo = published(author=alice, image=[upload(picture(size))])
    html = browser_as(None).get(f"/p/{photo.code}/").text
    assert html.count('title="View full size"') == links


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-05-03T14:07:09+02:00", "3 May 2026, 14:07"),
        ("2026-05-03T14:07:09", "3 May 2026, 14:07"),
        ("once", "once"),
    ],
)
def test_the_moment_of_the_camera_is_shown_in_words(moment: str, words: str) -> None:
    assert in_words(moment) == words
