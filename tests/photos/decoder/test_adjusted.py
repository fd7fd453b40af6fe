"""Turns and crops are made from the original, and what is cut away is in no file that is served."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from photos import images
from photos.decoder.orientation import in_file, turned_further
from photos.images import ProcessedImage
from photos.refusals import ImageRejected
from tests.photos import image_files
from tests.photos.processing import shown

# The fields of the scene (80 × 48): red and green above, blue and yellow below.
QUARTERS = {"R": [0, 0, 0.5, 0.5], "G": [0.5, 0, 0.5, 0.5], "B": [0, 0.5, 0.5, 0.5]}


def made(data: bytes, turn: int = 0, crop: list[float] | None = None) -> ProcessedImage:
    return images.process(io.BytesIO(data), turn=turn, crop=crop or [])


@pytest.mark.parametrize(("turn", "corners"), [(1, "BRYG"), (2, "YBGR"), (3, "GYRB")])
def test_a_picture_is_turned_clockwise(turn: int, corners: str) -> None:
    processed = made(image_files.encoded(image_files.scene(), "PNG"), turn)
    picture = shown(processed.renditions[-1])
    assert (processed.width, processed.height) == ((48, 80) if turn % 2 else (80, 48))
    assert image_files.corners(picture) == corners


@pytest.mark.parametrize("letter", QUARTERS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_only_what_is_left_is_in_the_files(letter: str, kind: str) -> None:
    processed = made(image_files.encoded(image_files.scene(), kind), 0, QUARTERS[letter])
    assert (processed.width, processed.height) == (40, 24)
    for rendition in processed.renditions:
        assert image_files.corners(shown(rendition)) == 4 * letter
    assert processed.preview is not None
    preview = Image.open(io.BytesIO(processed.preview.data))
    assert preview.size == (40, 24)
    assert image_files.corners(preview.convert("RGB")) == 4 * letter


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_crop_is_of_what_one_sees_however_the_file_lies(orientation: int) -> None:
    data = image_files.taken(orientation, "JPEG")
    assert image_files.corners(shown(made(data, 0, QUARTERS["G"]).renditions[-1])) == "GGGG"
    # Turned first: what was green, at the top right, is at the bottom right.
    turned = made(data, 1, [0.5, 0.5, 0.5, 0.5])
    assert image_files.corners(shown(turned.renditions[-1])) == "GGGG"


def test_a_large_jpeg_is_cropped_at_the_size_at_which_it_is_decoded() -> None:
    large = image_files.scene().resize((4000, 2400), Image.Resampling.NEAREST)
    processed = made(image_files.encoded(large, "JPEG"), 0, [0.5, 0, 0.5, 0.5])
    assert (processed.width, processed.height) == (2000, 1200)
    assert [one.width for one in processed.renditions][:4] == [320, 640, 1080, 1600]
    for rendition in processed.renditions:
        assert image_files.corners(shown(rendition)) == "GGGG"


def test_a_crop_that_leaves_too_little_is_refused() -> None:
    with pytest.raises(ImageRejected) as caught:
        made(image_files.encoded(image_files.scene(), "PNG"), 0, [0, 0, 0.1, 0.1])
    assert caught.value.code == "image_too_small"


def test_four_quarters_are_a_whole_turn() -> None:
    assert all(turned_further(lies, 4) == lies for lies in range(1, 9))
    assert in_file([0, 0, 1, 1], (0, 0, 80, 48), 6) == (0, 0, 80, 48)
