"""Orientation, first frames and drawings, as browsers show the file that was chosen."""

from __future__ import annotations

import base64
import io
import struct

import pytest
from PIL import Image, ImageDraw

from tests.photos import image_files, odd_files
from tests.photos.processing import process, served

pytestmark = pytest.mark.slow
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/' tiff:Orientation='6' tiff:Orientation=\"6\"/>"
SHORT, LONG = 3, 4
BLUE = (40, 60, 200)


def exif_of(kind: int, count: int = 1, order: str = "<") -> bytes:
    """Return EXIF that says 6 (turned by 90 degrees) in a value of this type."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "IH", 8, 1)
    value = struct.pack(order + ("HH" if kind == SHORT else "I"), *([6, 0][: 2 - (kind == LONG)]))
    return head + struct.pack(order + "HHI", 0x112, kind, count) + value + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_turns_a_picture_by_one_short(order: str) -> None:
    block = b"Exif\0\0" + exif_of(SHORT, order=order)
    assert process(image_files.encoded(image_files.scene(), exif=block)).width == 48


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "count"), [(LONG, 1), (SHORT, 2), (SHORT, 0)])
def test_no_other_type_turns_a_picture(kind: int, count: int, order: str) -> None:
    block = b"Exif\0\0" + exif_of(kind, count, order)
    data = image_files.encoded(image_files.scene(), exif=block)
    assert image_files.corners(served(data)) == "RGBY"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_xmp_alone_turns_no_picture(kind: str) -> None:
    data = image_files.encoded(image_files.scene(), kind, xmp=XMP)
    assert image_files.corners(served(data)) == "RGBY"


def test_a_png_is_turned_by_what_stands_before_its_pixels() -> None:
    png = image_files.encoded(image_files.scene(), "PNG")
    chunk = odd_files.chunk(b"eXIf", exif_of(SHORT))
    assert process(odd_files.with_chunks(png, chunk)).width == 48
    assert process(png[:-12] + chunk + png[-12:]).width == 80
    words = odd_files.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    assert process(odd_files.with_chunks(png, words)).width == 80


def test_a_hidden_still_is_not_the_first_frame() -> None:
    still = Image.new("RGB", (80, 48), image_files.COLOURS["R"])
    data = odd_files.apng_with_hidden_still(still, image_files.scene())
    assert image_files.corners(served(data)) == "RGBY"


@pytest.mark.parametrize(
    ("data", "outside"),
    [
        (odd_files.small_first_frame_gif(), (3, 3)),
        (odd_files.small_first_frame_webp(), (3, 3)),
        (
            odd_files.apng_with_hidden_still(Image.new("RGB", (80, 48)), odd_files.flat(BLUE)),
            (76, 40),
        ),
    ],
    ids=["GIF", "WebP", "APNG"],
)
def test_around_a_small_first_frame_all_is_transparent(
    data: bytes, outside: tuple[int, int]
) -> None:
    picture = served(data).convert("RGBA")
    assert picture.size == (80, 48)
    assert picture.getpixel(outside) == (0, 0, 0, 0)
    assert picture.getpixel((40, 24)) == pytest.approx((*BLUE, 255), abs=4)


def screenshot() -> Image.Image:
    """Return red words and thin lines on white, as programs show them."""
    picture = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(10, 290, 14):
        draw.text((10, row), "Red words on white, and green 0123456789", fill=(220, 0, 0))
        draw.line((300, row, 390, row), fill=(0, 140, 0))
    return picture


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_drawing_keeps_every_pixel(kind: str) -> None:
    options = {} if kind == "PNG" else {"lossless": True}
    original = screenshot()
    picture = served(image_files.encoded(original, kind, **options))
    assert picture.convert("RGB").tobytes() == original.tobytes()


def test_a_screenshot_with_a_photograph_in_it_keeps_every_pixel() -> None:
    original = screenshot()
    original.paste(image_files.detailed(100, 80), (150, 100))
    picture = served(image_files.encoded(original, "PNG"))
    assert picture.convert("RGB").tobytes() == original.tobytes()


def test_a_photograph_is_not_written_lossless() -> None:
    for rendition in process(image_files.encoded(image_files.detailed())).renditions:
        assert b"VP8L" not in rendition.data[:40]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_behind_what_is_transparent_stands_a_white_ground(mode: str) -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 20, 40))
    made = process(image_files.encoded(picture.convert(mode), "PNG"))
    data = base64.b64decode(made.placeholder.partition(",")[2])
    assert Image.open(io.BytesIO(data)).convert("RGBA").getcolors() == [(1, (255,) * 4)]
