"""Colours that a file states without an ICC profile, as Chromium shows them (sRGB, 1:1)."""

from __future__ import annotations

import base64
import io
import struct

import pytest
from PIL import Image, ImageCms

from photos.images import ProcessedImage
from tests.photos import image_files, odd_files
from tests.photos.processing import avatar, process

pytestmark = pytest.mark.slow
Colour = tuple[int, int, int]
RED, GREEN, YELLOW = (200, 60, 60), (40, 180, 60), (240, 220, 60)
DARK, GREY = (55, 55, 55), (148, 148, 148)
LINEAR = (b"gAMA", struct.pack(">I", 100_000))
USUAL = (b"gAMA", struct.pack(">I", 45_455))
P3 = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
REC_709 = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
SRGB = (b"sRGB", b"\0")


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def in_srgb(data: bytes) -> Colour:
    """Return the middle of a picture as it is seen."""
    picture = Image.open(io.BytesIO(data))
    colours = picture.convert("RGB")
    if icc := picture.info.get("icc_profile"):
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        converted = ImageCms.profileToProfile(colours, profile, ImageCms.createProfile("sRGB"))
        assert converted is not None
        colours = converted
    red, green, blue = image_files.pixel(colours, colours.width // 2, colours.height // 2)
    return red, green, blue


def all_seen(processed: ProcessedImage) -> list[Colour]:
    """Return what is seen in each file that was made, the placeholder last."""
    files = [rendition.data for rendition in processed.renditions]
    files += [processed.preview.data] if processed.preview else []
    files.append(base64.b64decode(processed.placeholder.partition(",")[2]))
    return [in_srgb(data) for data in files]


@pytest.mark.parametrize(
    ("data", "expected", "tolerance"),
    [
        (odd_files.stating_png(DARK, LINEAR), (128, 128, 128), 4),
        (odd_files.stating_png(RED, USUAL, P3), (219, 37, 49), 6),
        (odd_files.stating_png(RED, USUAL), RED, 6),
        (odd_files.stating_png(RED, USUAL, REC_709), RED, 6),
        (odd_files.stating_png(DARK, SRGB, LINEAR), DARK, 4),
        (odd_files.stating_png(RED, cicp(12, 13)), (217, 42, 52), 6),
        (odd_files.stating_png(DARK, cicp(1, 8), SRGB), (128, 128, 128), 4),
        (odd_files.stating_png(GREY, cicp(9, 16)), (187, 187, 187), 6),
        (odd_files.stating_avif(RED, 12, 13), (217, 42, 52), 8),
        (odd_files.stating_avif(DARK, 1, 8), (128, 128, 128), 6),
        (odd_files.stating_avif(GREY, 9, 16), (187, 187, 187), 6),
        (odd_files.stating_avif(GREY, 9, 18), (120, 120, 120), 8),
        (odd_files.stating_heic(RED, 12, 13), (217, 42, 52), 8),
        (odd_files.stating_heic(GREY, 9, 16), (187, 187, 187), 8),
    ],
    ids=[
        "linear PNG",
        "P3 by gAMA and cHRM",
        "gAMA of sRGB",
        "gAMA and cHRM of sRGB",
        "sRGB over gAMA",
        "P3 by cICP",
        "cICP over sRGB",
        "PQ in PNG",
        "P3 in AVIF",
        "linear AVIF",
        "PQ in AVIF",
        "HLG in AVIF",
        "P3 in HEIC",
        "PQ in HEIC",
    ],
)
def test_all_files_look_as_a_browser_shows_the_upload(
    data: bytes, expected: Colour, tolerance: int
) -> None:
    for seen in (*all_seen(process(data)), *all_seen(avatar(data))):
        assert seen == pytest.approx(expected, abs=tolerance)


def test_code_points_of_a_png_go_before_its_profile() -> None:
    png = image_files.encoded(
        odd_files.flat(RED), "PNG", icc_profile=image_files.rgb_profile(swapped=True)
    )
    data = odd_files.with_chunks(png, odd_files.chunk(*cicp(1, 13)))
    assert all_seen(process(data))[0] == pytest.approx(RED, abs=6)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_profile_goes_before_the_code_points_of_a_container(kind: str) -> None:
    picture = image_files.encoded(
        odd_files.flat(GREEN), kind, quality=95, icc_profile=image_files.rgb_profile()
    )
    assert all_seen(process(picture))[0] == pytest.approx(GREEN, abs=6)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((220, 40, 40), (255, 35, 35)), (GREEN, (0, 181, 42)), (YELLOW, (248, 221, 29))],
)
@pytest.mark.parametrize(("space", "index"), [(65535, "R03"), (2, "R98")])
def test_adobe_rgb_is_believed_to_exif(
    colour: Colour, expected: Colour, space: int, index: str
) -> None:
    block = Image.Exif()
    block.get_ifd(0x8769)[0xA001] = space
    block.get_ifd(0x8769)[0xA005] = {1: index}
    data = image_files.encoded(
        odd_files.flat(colour), quality=95, subsampling=0, exif=block.tobytes()
    )
    for seen in all_seen(process(data)):
        assert seen == pytest.approx(expected, abs=6)


@pytest.mark.parametrize("colour", [(220, 40, 40), GREEN, YELLOW])
def test_a_placeholder_has_the_colours_of_its_picture(colour: Colour) -> None:
    data = image_files.encoded(odd_files.flat(colour), icc_profile=image_files.wide_profile())
    first, *others = all_seen(process(data))
    for other in others:
        assert other == pytest.approx(first, abs=6)


@pytest.mark.parametrize(
    "chunk",
    [
        (b"gAMA", bytes(4)),
        (b"gAMA", struct.pack(">I", 4_000_000_000)),
        (b"gAMA", b"\0"),
        (b"cHRM", bytes(32)),
        (b"cHRM", struct.pack(">8I", *[33333] * 8)),
        (b"cICP", b"\1"),
        (b"cICP", b"\xff\xff\0\1"),
    ],
)
def test_colours_that_mean_nothing_do_not_cost_the_picture(chunk: tuple[bytes, bytes]) -> None:
    assert all_seen(process(odd_files.stating_png(RED, chunk)))[0] == pytest.approx(RED, abs=6)
