"""Small files that want a lot: pixels, frames, profiles, memory."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.photos import image_files
from tests.photos.processing import process, refusal, served

pytestmark = pytest.mark.slow
SECONDS = 4  # for a decoder on a busy machine; decoding everything would take far longer


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_a_header_that_claims_900_megapixels_is_refused_at_once(kind: str) -> None:
    began = time.monotonic()
    claimed = 16383 if kind == "WEBP" else 30_000  # the most that a WebP can claim
    # libavif has a limit of its own, and says so before Pillow can.
    expected = "image_unreadable" if kind == "AVIF" else "too_many_pixels"
    assert refusal(image_files.claiming(kind, claimed, claimed)) == expected
    assert time.monotonic() - began < SECONDS


def test_an_extended_webp_that_claims_900_megapixels_is_refused() -> None:
    assert refusal(image_files.extended_webp(30_000, 30_000)) in {
        "too_many_pixels",
        "image_unreadable",
    }


def test_a_png_that_unpacks_to_more_than_its_header_says_gives_what_the_header_says() -> None:
    data = image_files.png_of(64, 64, rows=bytes(100_000_000))
    began = time.monotonic()
    assert process(data).width == 64
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("chunk", [b"iCCP", b"zTXt", b"iTXt"])
def test_png_chunks_that_explode_are_left_aside(chunk: bytes) -> None:
    data = image_files.text_bomb(chunk)
    began = time.monotonic()
    assert image_files.corners(served(data)) == "RGBY"
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_of_thousands_of_frames_only_the_first_is_decoded(kind: str) -> None:
    data = image_files.long_animation(kind)
    began = time.monotonic()
    assert image_files.corners(served(data)) == "RGBY"
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize(
    "profile",
    [
        image_files.rgb_profile(padding=900_000),
        image_files.profile_of_many_tags(),
        image_files.rgb_profile()[:128] + b"\xff\xff\xff\xff" + image_files.rgb_profile()[132:],
        image_files.rgb_profile()[:-1],
        b"\0" * 128,
    ],
    ids=["huge", "many tags", "claims 4 billion tags", "cut", "zeros"],
)
def test_profiles_that_are_broken_or_huge_do_not_cost_the_picture(
    kind: str, profile: bytes
) -> None:
    data = image_files.encoded(image_files.scene(), kind, icc_profile=profile)
    began = time.monotonic()
    picture = served(data)
    assert image_files.corners(picture) == "RGBY"
    assert len(picture.info.get("icc_profile", b"")) <= 4096
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_exif_of_megabytes_does_not_cost_the_picture(kind: str) -> None:
    notes: dict[int, Any] = {0x010F: "M" * 3_000_000}
    processed = process(
        image_files.encoded(image_files.scene(), kind, exif=image_files.camera_exif(notes))
    )
    assert processed.camera == {"camera": "M" * 100}
