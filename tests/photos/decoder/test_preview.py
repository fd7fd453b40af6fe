"""The JPEG that programs show which preview a link."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.photos import image_files
from tests.photos.processing import avatar, process

pytestmark = pytest.mark.slow


def preview(data: bytes) -> Image.Image:
    """Return the preview of this upload, decoded."""
    made = process(data).preview
    assert made is not None
    picture = Image.open(io.BytesIO(made.data), formats=["JPEG"])
    assert picture.size == (made.width, made.height)
    picture.load()
    return picture


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_every_format_gets_a_preview_in_jpeg(kind: str) -> None:
    picture = preview(image_files.encoded(image_files.scene(), kind))
    assert picture.mode == "RGB"
    assert "progressive" in picture.info
    assert image_files.corners(picture) == "RGBY"


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ((2000, 1000), (1200, 600)),
        ((1000, 3000), (533, 1600)),
        ((2000, 4000), (800, 1600)),
        ((300, 200), (300, 200)),
        ((16, 800), (16, 800)),
    ],
)
def test_a_preview_is_at_most_1200_wide_and_1600_high_and_never_enlarged(
    original: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert preview(image_files.encoded(image_files.scene(*original))).size == expected


def test_a_preview_stands_upright() -> None:
    assert image_files.corners(preview(image_files.taken(6))) == "RGBY"


def test_a_preview_says_nothing_about_the_photographer() -> None:
    picture = preview(image_files.phone_jpeg())
    assert {"exif", "xmp", "comment", "icc_profile"}.isdisjoint(picture.info)
    made = process(image_files.phone_jpeg()).preview
    assert made is not None
    assert image_files.SECRET not in made.data


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white_in_a_preview(mode: str) -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 20, 40))
    made = preview(image_files.encoded(picture.convert(mode), "PNG"))
    assert image_files.pixel(made, 5, 20) == pytest.approx((255, 255, 255), abs=3)
    assert image_files.pixel(made, 35, 20) == pytest.approx((0, 0, 0), abs=3)


def test_a_preview_is_converted_to_srgb() -> None:
    profile = image_files.rgb_profile(swapped=True)
    made = preview(image_files.encoded(image_files.scene(), "PNG", icc_profile=profile))
    assert "icc_profile" not in made.info
    assert image_files.colour_at(made, 1, 1) == "G"


def test_avatars_have_no_preview() -> None:
    assert avatar(image_files.encoded(image_files.scene())).preview is None
