"""Colour profiles, transparency and unusual modes of uploaded pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.photos import image_files
from tests.photos.processing import grey_at, served

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_small_rgb_profile_is_kept(kind: str) -> None:
    profile = image_files.rgb_profile()
    picture = served(image_files.encoded(image_files.scene(), kind, icc_profile=profile))
    assert picture.info["icc_profile"] == profile


def test_a_large_rgb_profile_is_applied_and_dropped() -> None:
    profile = image_files.rgb_profile(swapped=True, padding=100_000)
    picture = served(image_files.encoded(image_files.scene(), "PNG", icc_profile=profile))
    assert "icc_profile" not in picture.info
    assert image_files.colour_at(picture, 1, 1) == "G"


def test_cmyk_is_converted_by_its_profile() -> None:
    cyan = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    with_profile = served(image_files.encoded(cyan, icc_profile=image_files.cmyk_profile()))
    assert grey_at(with_profile, 9, 9) > 240
    assert "icc_profile" not in with_profile.info


def test_cmyk_without_a_profile_becomes_rgb() -> None:
    assert (
        image_files.corners(served(image_files.encoded(image_files.scene().convert("CMYK"))))
        == "RGBY"
    )


def test_grey_is_converted_by_its_profile() -> None:
    grey = Image.new("L", (32, 32), 128)
    assert abs(grey_at(served(image_files.encoded(grey)), 9, 9) - 128) < 4
    linear = served(image_files.encoded(grey, icc_profile=image_files.grey_profile()))
    assert abs(grey_at(linear, 9, 9) - 188) < 4


@pytest.mark.parametrize(
    "profile", [b"nonsense" * 40, image_files.rgb_profile()[:200], image_files.cmyk_profile()]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_or_foreign_profile_is_ignored(kind: str, profile: bytes) -> None:
    picture = served(image_files.encoded(image_files.scene(), kind, icc_profile=profile))
    assert image_files.corners(picture) == "RGBY"
    assert "icc_profile" not in picture.info


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_transparency_is_kept(kind: str) -> None:
    picture = image_files.scene().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    alpha = served(image_files.encoded(picture, kind)).getchannel("A")
    assert grey_at(alpha, 9, 2) < 20
    assert grey_at(alpha, 9, 45) > 235


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparency_of_palettes_is_kept(kind: str) -> None:
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    palette.paste(0, (0, 0, 16, 32))
    buffer = io.BytesIO()
    palette.save(buffer, kind, transparency=0)
    alpha = served(buffer.getvalue()).getchannel("A")
    assert (grey_at(alpha, 4, 9), grey_at(alpha, 28, 9)) == (0, 255)


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    assert served(image_files.encoded(image_files.scene().convert("RGBA"), "PNG")).mode == "RGB"


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (0x4000, 0x40), (0xFFFF, 0xFF)])
def test_16_bit_grey_keeps_its_brightness(value: int, expected: int) -> None:
    picture = served(image_files.encoded(Image.new("I;16", (32, 32), value), "PNG"))
    assert abs(grey_at(picture, 9, 9) - expected) < 4


def test_16_bit_grey_may_have_a_transparent_value() -> None:
    row = b"\x01\x80" * 16 + b"\x00\x80" * 16
    picture = Image.frombytes("I;16", (32, 32), row * 32)
    alpha = served(image_files.encoded(picture, "PNG", transparency=0x8001)).getchannel("A")
    assert (grey_at(alpha, 4, 9), grey_at(alpha, 28, 9)) == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_black_and_white_and_grey_are_read(mode: str) -> None:
    picture = Image.new("L", (32, 32), 255)
    picture.paste(0, (0, 0, 16, 32))
    picture = served(image_files.encoded(picture.convert(mode), "PNG"))
    assert grey_at(picture, 4, 9) < 10
    assert grey_at(picture, 28, 9) > 245
