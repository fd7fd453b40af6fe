"""Uploads that are refused, and what the person reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from photos import images
from photos.refusals import ImageRejected
from tests.photos import image_files
from tests.photos.processing import process, refusal

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"just text", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42", "not_an_image"),
        (b"\0\0\0\x08ftyp", "not_an_image"),
        (b"BM" + bytes(100), "not_an_image"),
        (b"II*\0" + bytes(100), "not_an_image"),
        (b"\xff\xd8\xff", "image_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image_unreadable"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html>"])
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png"])
def test_the_name_and_type_that_a_browser_states_prove_nothing(name: str, data: bytes) -> None:
    upload = SimpleUploadedFile(name, data, "image/jpeg")
    with pytest.raises(ImageRejected) as caught:
        images.check(upload)
    assert caught.value.code == "not_an_image"


def test_too_many_bytes_are_refused(settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1024**2
    with pytest.raises(ImageRejected, match="larger than 1 MB") as caught:
        process(image_files.encoded(image_files.scene()) + bytes(1024**2))
    assert caught.value.code == "file_too_large"


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_too_many_pixels_are_refused_by_the_header(kind: str) -> None:
    with pytest.raises(ImageRejected, match="50 megapixels") as caught:
        process(image_files.claiming(kind, 10_000, 10_000))
    assert caught.value.code == "too_many_pixels"


def test_the_limit_on_pixels_is_exact(settings: Any) -> None:
    data = image_files.encoded(image_files.scene(), "PNG")
    settings.MAX_IMAGE_PIXELS = 80 * 48
    assert process(data).width == 80
    settings.MAX_IMAGE_PIXELS = 80 * 48 - 1
    assert refusal(data) == "too_many_pixels"


def test_a_heic_header_that_lies_does_not_get_past_the_limit(settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 2000
    assert refusal(image_files.claiming("HEIF", 40, 24)) in {"too_many_pixels", "image_unreadable"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_a_header_that_promises_more_than_there_is_is_refused(kind: str) -> None:
    assert refusal(image_files.claiming(kind, 800, 480)) in {"image_truncated", "image_unreadable"}


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "GIF"])
def test_a_header_that_lies_is_believed_where_the_decoder_believes_it(kind: str) -> None:
    processed = process(image_files.claiming(kind, 800, 480))
    assert (processed.width, processed.height) == (800, 480)


@pytest.mark.parametrize(
    ("size", "code"),
    [((1, 1), "image_too_small"), ((15, 90), "image_too_small"), ((20, 1001), "image_too_long")],
)
def test_pictures_of_no_use_are_refused(size: tuple[int, int], code: str) -> None:
    assert refusal(image_files.encoded(image_files.scene(*size), "PNG")) == code


def test_the_message_names_the_smallest_side() -> None:
    with pytest.raises(ImageRejected, match="at least 16 pixels"):
        process(image_files.encoded(image_files.scene(1, 1), "PNG"))


@pytest.mark.parametrize("kind", image_files.FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.95])
def test_a_file_that_breaks_off_is_refused(kind: str, kept: float) -> None:
    data = image_files.encoded(image_files.detailed(), kind)
    assert refusal(data[: int(len(data) * kept)]) == "image_truncated"


@pytest.mark.parametrize(
    "data",
    [
        image_files.encoded(image_files.scene()) + image_files.archive(),
        image_files.encoded(image_files.scene(), "PNG") + image_files.archive() + bytes(1000),
        image_files.encoded(image_files.scene(), comment=b"%PDF-1.4 /JavaScript"),
        image_files.encoded(image_files.scene(), comment=b"<?php system($_GET['c']); ?>"),
        image_files.encoded(image_files.scene(), comment=b"<Script >alert(1)</script>"),
        image_files.encoded(image_files.scene(), "GIF", comment=b"<svg/onload=alert(1)>"),
        image_files.png_with(b"tEXt", b"a\0<!doctype html><body>"),
    ],
    ids=["zip", "zip and zeros", "pdf", "php", "script", "svg", "html"],
)
def test_a_picture_that_is_another_file_as_well_is_refused(data: bytes) -> None:
    assert refusal(data) == "suspicious_file"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"II*\0\x08\0\0\0\1\0", "a TIFF picture"),
        (b"MM\0*\0\0\0\x08\0\1", "a TIFF picture"),
        (b"II*\0\x08\0\0\0\1\0\x12\xc6\1\0\4\0\0\0\1\4\0\0", "a raw photo (DNG)"),
        (b"MM\0*\0\0\0\x08\0\1\xc6\x12\0\1\0\0\0\4\1\4\0\0", "a raw photo (DNG)"),
        (b"II*\0\x10\0\0\0CR\2\0", "a raw photo (CR2)"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a raw photo (CR3)"),
        (b"\xff\x0a\x7f\x05", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0", "a video"),
        (b"BM\x36\0", "a BMP picture"),
    ],
)
def test_a_file_that_is_not_accepted_is_told_what_it_is(head: bytes, name: str) -> None:
    with pytest.raises(ImageRejected, match=re.escape(f"This is {name}. Upload a JPEG")) as caught:
        process(head + bytes(500))
    assert caught.value.code == "not_an_image"
