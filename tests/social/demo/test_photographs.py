"""The demo's photographs: credited, of a licence that lets them be shipped, and not too large."""

from __future__ import annotations

from PIL import Image

from social.demo.photographs import CC0, CC_BY, FOLDER, PHOTOGRAPHS, PUBLIC, Cut, opened
from social.demo.posts import MOST, posts

MOST_BYTES = 5_000_000


def test_every_file_is_listed_and_every_listed_file_is_there() -> None:
    assert {file.stem for file in FOLDER.glob("*.jpg")} == set(PHOTOGRAPHS)


def test_the_credits_name_author_licence_and_source_of_each() -> None:
    rows = (FOLDER / "CREDITS.md").read_text().splitlines()
    for one in PHOTOGRAPHS.values():
        (row,) = [row for row in rows if f"`{one.name}.jpg`" in row]
        assert all(word in row for word in (one.author, one.licence, one.source, one.shows))
        assert ("detail" in row) == one.is_detail
        assert one.licence in {CC0, CC_BY, PUBLIC}


def test_they_are_small_enough_to_be_shipped() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.jpg")) < MOST_BYTES
    for file in FOLDER.glob("*.jpg"):
        with Image.open(file) as image:
            assert max(image.size) <= 2048
            assert image.mode == "RGB"


def test_each_is_shown_by_somebody_with_its_credit() -> None:
    shown = {}
    for post in posts(MOST):
        for picture in post.pictures:
            if isinstance(picture, Cut):
                shown[picture.photograph.name] = post.caption
    assert set(shown) == set(PHOTOGRAPHS)
    assert all(PHOTOGRAPHS[name].credit in caption for name, caption in shown.items())


def test_a_cut_is_a_part_and_may_lose_its_colours() -> None:
    whole = opened(Cut(PHOTOGRAPHS["coffee"]))
    part = opened(Cut(PHOTOGRAPHS["coffee"], (0.5, 0, 1, 1), monochrome=True))
    assert part.size == (whole.width // 2, whole.height)
    red, green, blue = part.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert red == green == blue
