"""Files that every browser shows, though something beside their pixels is missing or odd."""

from __future__ import annotations

import struct
import uuid
import zlib

import pytest
from PIL import PngImagePlugin

from tests.photos import image_files, odd_files
from tests.photos.processing import grey_at, process, refusal, served

pytestmark = pytest.mark.slow
TEXT = b"Comment\0hello"


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("rest", [b"", b"\xff", bytes(4000)], ids=["nothing", "half", "zeros"])
def test_a_jpeg_may_lack_its_end_marker(rest: bytes, *, progressive: bool) -> None:
    whole = image_files.encoded(image_files.detailed(), quality=90, progressive=progressive)
    assert process(whole[:-2] + rest).renditions == process(whole).renditions


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [0.5, 0.05, 0.002])
def test_a_jpeg_without_all_its_pixels_is_refused(lost: float, *, progressive: bool) -> None:
    whole = image_files.encoded(image_files.detailed(), quality=90, progressive=progressive)
    part = whole[: int(len(whole) * (1 - lost))]
    assert refusal(part) == "image_truncated"
    assert refusal(part + bytes(len(whole) - len(part))) == "image_truncated"


def test_a_jpeg_without_end_marker_is_held_to_the_limit_of_pixels() -> None:
    assert refusal(image_files.claiming("JPEG", 30_000, 30_000)[:-2]) == "too_many_pixels"


def test_a_jpeg_of_12_bits_is_told_so() -> None:
    data = bytearray(image_files.encoded(image_files.scene()))
    data[data.index(b"\xff\xc0") + 4] = 12
    assert refusal(bytes(data)) == "jpeg_of_12_bits"


@pytest.mark.parametrize(
    "chunks",
    [
        [odd_files.chunk(b"tEXt", TEXT, damaged=True)],
        [odd_files.chunk(b"gAMA", struct.pack(">I", 100_000), damaged=True)],
        [odd_files.chunk(b"zTXt", b"a\0\0" + zlib.compress(uuid.uuid4().bytes * 150_000))],
        [odd_files.chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(50_000_000)))],
        [odd_files.chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000)))],
        [odd_files.chunk(b"tEXt", b"a\0" + b"b" * 2_000_000)] * 3,
        [odd_files.chunk(b"prVt", b"x" * 2_000_000)],
        [odd_files.chunk(b"pHYs", b"\1")],
        [odd_files.chunk(b"fcTL", b"\1")],
    ],
    ids=["sum", "sum of gAMA", "zTXt", "iTXt", "iCCP", "tEXt", "private", "short", "frame"],
)
def test_what_is_large_or_damaged_beside_the_pixels_is_left_aside(chunks: list[bytes]) -> None:
    png = image_files.encoded(image_files.scene(), "PNG")
    assert image_files.corners(served(odd_files.with_chunks(png, *chunks))) == "RGBY"
    behind = png[:-12] + b"".join(chunks) + png[-12:]
    assert image_files.corners(served(behind)) == "RGBY"


def test_a_damaged_sum_of_the_pixels_header_is_refused() -> None:
    png = image_files.encoded(image_files.scene(), "PNG")
    assert refusal(png[:29] + bytes(4) + png[33:]) == "image_unreadable"


def test_a_large_profile_of_a_png_is_applied() -> None:
    profile = image_files.rgb_profile(swapped=True, padding=1_300_000)
    picture = served(image_files.encoded(image_files.scene(), "PNG", icc_profile=profile))
    assert image_files.colour_at(picture, 1, 1) == "G"


@pytest.mark.parametrize(
    ("bits", "row"),
    [
        (1, b"\0" * 4 + b"\xff" * 4),
        (2, b"\0" * 8 + b"\xff" * 8),
        (4, b"\0" * 16 + b"\xff" * 16),
        (8, b"\0" * 32 + b"\xff" * 32),
        (16, b"\xff\xfe" * 32 + b"\xff" * 64),
    ],
)
def test_a_grey_png_of_any_depth_may_have_a_transparent_value(bits: int, row: bytes) -> None:
    colour = (b"tRNS", struct.pack(">H", (1 << bits) - 1))
    alpha = served(odd_files.raw_png((64, 64), bits, 0, row, colour)).getchannel("A")
    assert (grey_at(alpha, 16, 32), grey_at(alpha, 48, 32)) == (255, 0)


def test_a_png_of_16_bits_may_have_a_transparent_colour() -> None:
    here, near = b"\1\2\3\4\5\6", b"\1\2\3\4\5\7"
    png = odd_files.raw_png((64, 64), 16, 2, near * 32 + here * 32, (b"tRNS", here))
    alpha = served(png).getchannel("A")
    assert (grey_at(alpha, 16, 32), grey_at(alpha, 48, 32)) == (255, 0)


def test_text_of_a_png_is_never_needed() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("workflow", "".join(map(chr, range(32, 127))) * 30_000, zip=True)
    data = image_files.encoded(image_files.scene(), "PNG", pnginfo=notes)
    assert image_files.corners(served(data)) == "RGBY"
