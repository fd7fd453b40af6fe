"""What is kept of a picture's EXIF: the camera and the moment, and nothing of the place."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from PIL import ExifTags
from PIL.TiffImagePlugin import IFDRational

from tests.photos import image_files
from tests.photos.processing import process

pytestmark = pytest.mark.slow
TAG = ExifTags.Base
CANON: dict[int, Any] = {
    TAG.Make: "Canon",
    TAG.Model: "Canon EOS R6",
    TAG.LensModel: "RF35mm F1.8",
    TAG.ExposureTime: 1 / 250,
    TAG.FNumber: 2.8,
    TAG.ISOSpeedRatings: 100,
    TAG.FocalLength: 35.0,
    TAG.DateTimeOriginal: "2026:05:03 14:07:09",
    TAG.OffsetTimeOriginal: "+02:00",
}


def camera(notes: dict[int, Any], kind: str = "JPEG") -> dict[str, str]:
    """Return what is kept of a picture with these notes."""
    block = image_files.camera_exif(notes)
    return process(image_files.encoded(image_files.scene(), kind, exif=block)).camera


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_the_camera_is_read_from_every_format_that_can_name_it(kind: str) -> None:
    assert camera(CANON, kind) == {
        "camera": "Canon EOS R6",
        "lens": "RF35mm F1.8",
        "exposure": "1/250 s, f/2.8, ISO 100, 35 mm",
        "taken": "2026-05-03T14:07:09+02:00",
    }


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_a_picture_without_exif_names_no_camera(kind: str) -> None:
    assert process(image_files.encoded(image_files.scene(), kind)).camera == {}


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("", "X100", "X100"),
        ("Leica", "", "Leica"),
        ("  a\r\nb\tc ", "\x1b[31md\x00hidden", "a b c [31md"),
        ("<b>", "é".encode(), "<b> é"),
        ("x" * 150, "y" * 150, "x" * 100),
    ],
)
def test_a_camera_has_a_clean_name(make: str, model: str | bytes, expected: str) -> None:
    assert camera({TAG.Make: make, TAG.Model: model}) == {"camera": expected}


def test_signs_that_turn_text_around_are_taken_out() -> None:
    turned = "a\u202eb\u200bc".encode()
    assert camera({TAG.Model: turned}) == {"camera": "a b c"}


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ({TAG.ExposureTime: 1 / 4}, "1/4 s"),
        ({TAG.ExposureTime: 0.5}, "0.5 s"),
        ({TAG.ExposureTime: 30.0}, "30 s"),
        ({TAG.ExposureTime: 1 / 8000, TAG.FocalLength: 5.7}, "1/8000 s, 5.7 mm"),
        ({TAG.FNumber: 8.0, TAG.ISOSpeedRatings: 25600}, "f/8, ISO 25600"),
        ({TAG.ISOSpeedRatings: 65535, TAG.ISOSpeed: 102400}, "ISO 102400"),
        ({TAG.ISOSpeedRatings: 65535, TAG.RecommendedExposureIndex: 204800}, "ISO 204800"),
        ({TAG.StandardOutputSensitivity: 800}, "ISO 800"),
    ],
)
def test_an_exposure_says_what_is_known(notes: dict[int, Any], expected: str) -> None:
    assert camera(notes) == {"exposure": expected}


@pytest.mark.parametrize(
    "notes",
    [
        {TAG.ExposureTime: IFDRational(0, 0)},
        {TAG.ExposureTime: IFDRational(1, 0)},
        {TAG.FNumber: 0.0},
        {TAG.FocalLength: 4294967295.0},
        {TAG.FNumber: "f/2"},
        {TAG.ISOSpeedRatings: 0},
        {TAG.ISOSpeedRatings: 65535},
        {TAG.Model: "\0\0"},
    ],
)
def test_values_without_sense_are_left_out(notes: dict[int, Any]) -> None:
    assert camera(notes) == {}


@pytest.mark.parametrize(
    ("words", "offset", "expected"),
    [
        ("2026:05:03 14:07:09", "", "2026-05-03T14:07:09"),
        ("2026:05:03 14:07:09", "+99:00", "2026-05-03T14:07:09"),
        ("2026:05:03 14:07:09", "-03:30", "2026-05-03T14:07:09-03:30"),
        ("2026:05:03 14:07:09", "Z", "2026-05-03T14:07:09+00:00"),
        ("2026-05-03T14:07:09.125", "", "2026-05-03T14:07:09"),
        ("2026/05/03 14:07", "", "2026-05-03T14:07:00"),
        ("0000:00:00 00:00:00", "", None),
        ("2026:02:30 10:00:00", "", None),
        ("yesterday", "+01:00", None),
    ],
)
def test_the_moment_is_in_iso_8601(words: str, offset: str, expected: str | None) -> None:
    notes: dict[int, Any] = {TAG.DateTimeOriginal: words, TAG.OffsetTimeOriginal: offset}
    assert camera(notes).get("taken") == expected


@pytest.mark.parametrize("tag", [TAG.DateTimeDigitized, TAG.DateTime])
@pytest.mark.parametrize("empty", ["", "0000:00:00 00:00:00", "    :  :     :  :  "])
def test_the_moment_stands_where_phones_write_it(tag: int, empty: str) -> None:
    notes: dict[int, Any] = {
        TAG.DateTimeOriginal: empty,
        tag: "2026:05:03 14:07:09",
        TAG.OffsetTime: "+02:00",
    }
    assert camera(notes)["taken"] == "2026-05-03T14:07:09+02:00"


def test_texts_of_exif_3_are_read() -> None:
    words = "Grüße 写真".encode()
    entry = struct.pack("<HHII", TAG.Model, 129, len(words), 26)
    block = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + words
    data = image_files.encoded(image_files.scene(), exif=block)
    assert process(data).camera == {"camera": "Grüße 写真"}


def test_the_place_is_never_read() -> None:
    processed = process(image_files.phone_jpeg())
    assert processed.camera == {}


def test_notes_are_in_no_file_that_is_served() -> None:
    notes: dict[int, Any] = {TAG.Make: "Secretmaker", TAG.LensModel: "Secretlens"}
    data = image_files.encoded(image_files.scene(), exif=image_files.camera_exif(notes))
    processed = process(data)
    assert processed.preview is not None
    for rendition in (*processed.renditions, processed.preview):
        assert b"Secret" not in rendition.data


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        image_files.camera_exif(CANON)[:90],
        image_files.camera_exif(CANON).replace(b"Canon", b"\xff\xfe\xfd\xfc\xfb")[:-20],
        image_files.endless_exif(),
    ],
    ids=["empty", "far", "many", "cut", "cut at the end", "loop"],
)
def test_broken_exif_harms_nothing(block: bytes) -> None:
    processed = process(image_files.encoded(image_files.scene(), exif=block))
    assert processed.width == 80
    assert all(len(value) <= 100 and value.isprintable() for value in processed.camera.values())
