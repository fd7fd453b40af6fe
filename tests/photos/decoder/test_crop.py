"""What was cut off in an AVIF (``clap``) is in no file that is made of it."""

from __future__ import annotations

import pytest
from PIL import Image

from photos.decoder import isobmff
from tests.photos import image_files, odd_files
from tests.photos.processing import avatar, process, shown

pytestmark = pytest.mark.slow
# The fields of the scene (80 × 48) as apertures: width, height, and the way of the middle.
CORNERS = {"R": (-20, -12), "G": (20, -12), "B": (-20, 12), "Y": (20, 12)}


def cropped(letter: str) -> bytes:
    right, down = CORNERS[letter]
    return odd_files.cropped_avif(image_files.scene(), (40, 1, 24, 1, right, 1, down, 1))


@pytest.mark.parametrize("letter", CORNERS)
def test_only_the_part_that_is_to_be_shown_is_served(letter: str) -> None:
    processed = process(cropped(letter))
    assert (processed.width, processed.height) == (40, 24)
    picture = shown(processed.renditions[-1])
    assert picture.size == (40, 24)
    assert image_files.corners(picture) == 4 * letter


def test_an_avatar_is_the_middle_of_what_is_to_be_shown() -> None:
    picture = shown(avatar(cropped("B")).renditions[-1])
    assert picture.size == (24, 24)
    assert image_files.corners(picture) == "BBBB"


def test_a_part_that_is_turned_is_cut_first() -> None:
    data = image_files.taken(6, "AVIF")
    assert b"irot" in data
    stored = image_files.scene().transpose(Image.Transpose.ROTATE_90)
    assert process(odd_files.cropped_avif(stored, (48, 1, 40, 1, 0, 1, -20, 1))).height == 40


@pytest.mark.parametrize(
    ("aperture", "area"),
    [
        ((40, 1, 24, 1, 0, 1, 0, 1), (20, 12, 60, 36)),
        ((81, 2, 49, 2, 0, 1, 0, 1), (20, 12, 60, 36)),
        ((40, 1, 24, 1, 0, 1, 1, 2), (20, 13, 60, 36)),
        ((60, 1, 48, 1, 20, 1, 0, 1), (30, 0, 80, 48)),
        ((80, 1, 48, 1, 0, 1, 0, 1), (0, 0, 80, 48)),
        ((40, 0, 24, 1, 0, 1, 0, 1), (0, 0, 80, 48)),
        ((40, 1, 24, 1, 900, 1, 0, 1), (0, 0, 80, 48)),
    ],
    ids=["middle", "halves", "half a row", "beyond", "all", "no number", "nothing"],
)
def test_a_part_is_of_whole_pixels_inside_the_picture(
    aperture: tuple[int, ...], area: tuple[int, ...]
) -> None:
    data = odd_files.cropped_avif(image_files.scene(), aperture)
    assert isobmff.clean_aperture(isobmff.properties_of(data), (80, 48)) == area


def test_a_film_is_cropped_by_its_track() -> None:
    frames = image_files.several_frames("AVIF", duration=100)
    properties = isobmff.properties_of(frames)
    assert frames[8:12] == b"avis"
    assert b"av1C" in dict(properties)
