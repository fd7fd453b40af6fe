"""What happens to an uploaded picture: ``photos.images`` and its decoder, end to end."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photos import images
from photos.images import ImageRejected, ProcessedImage, Rendition
from tests.photos import image_files as files


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    """Hold the limits that the tests count on."""
    settings.MAX_IMAGE_PIXELS = 50_000_000
    settings.MAX_UPLOAD_BYTES = 20 * 1024 * 1024


def process(data: bytes) -> ProcessedImage:
    return images.process(io.BytesIO(data))


def avatar(data: bytes) -> ProcessedImage:
    return images.process_avatar(io.BytesIO(data))


def shown(rendition: Rendition) -> Image.Image:
    picture = Image.open(io.BytesIO(rendition.data), formats=["WEBP"])
    picture.load()
    return picture


def served(data: bytes) -> Image.Image:
    return shown(process(data).renditions[-1])


def grey_at(picture: Image.Image, x: int, y: int) -> int:
    return int(picture.convert("L").getpixel((x, y)))  # type: ignore[arg-type]


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRejected) as caught:
        process(data)
    assert caught.value.message.endswith(".")
    return caught.value.code


# ------------------------------------------------------------------------------------- accepted


@pytest.mark.parametrize("kind", files.FORMATS)
def test_every_format_becomes_webp(kind: str) -> None:
    processed = process(files.encoded(files.scene(), kind))
    assert (processed.width, processed.height) == (80, 48)
    assert processed.mime == files.MIMES[kind]
    assert processed.mime in images.ACCEPTED_TYPES
    assert files.corners(shown(processed.renditions[0])) == "RGBY"


@pytest.mark.parametrize(
    ("original", "widths"),
    [
        ((2000, 1000), [320, 640, 1080, 1600]),
        ((1600, 800), [320, 640, 1080, 1600]),
        ((900, 600), [320, 640, 900]),
        ((320, 200), [320]),
        ((200, 150), [200]),
        ((16, 16), [16]),
    ],
)
def test_sizes_are_never_wider_than_the_original(
    original: tuple[int, int], widths: list[int]
) -> None:
    renditions = process(files.encoded(files.scene(*original))).renditions
    assert [rendition.width for rendition in renditions] == widths
    for rendition in renditions:
        assert shown(rendition).size == (rendition.width, rendition.height)
        assert rendition.height == round(rendition.width * original[1] / original[0])


def test_a_very_tall_picture_is_narrowed_to_what_webp_can_hold() -> None:
    tall = Image.new("L", (1000, 20000), 90)
    widths = [rendition.width for rendition in process(files.encoded(tall)).renditions]
    assert widths == [320, 640, 819]


def test_the_caller_may_ask_for_other_widths() -> None:
    processed = images.process(io.BytesIO(files.encoded(files.scene())), widths=(20, 40))
    assert [rendition.width for rendition in processed.renditions] == [20, 40]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    processed = process(files.taken(orientation))
    assert (processed.width, processed.height) == (80, 48)
    assert files.corners(shown(processed.renditions[-1])) == "RGBY"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", [5, 6])
def test_other_formats_are_turned_once_and_not_twice(kind: str, orientation: int) -> None:
    assert files.corners(served(files.taken(orientation, kind))) == "RGBY"


@pytest.mark.parametrize("block", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM"])
def test_broken_exif_is_ignored(block: bytes) -> None:
    assert files.corners(served(files.encoded(files.scene(), exif=block))) == "RGBY"


def test_nothing_about_the_photographer_is_served() -> None:
    assert files.SECRET in files.phone_jpeg()
    for rendition in process(files.phone_jpeg()).renditions:
        assert files.SECRET not in rendition.data
        assert {"exif", "xmp", "icc_profile"}.isdisjoint(shown(rendition).info)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_becomes_its_first_frame(kind: str) -> None:
    picture = served(files.several_frames(kind, duration=100))
    assert files.corners(picture) == "RGBY"
    assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "data",
    [
        files.several_frames("MPO"),
        files.motion_photo(),
        files.phone_jpeg() + bytes(5000),
        files.encoded(files.scene(), progressive=True),
        files.phone_jpeg() + b"PK\x05\x06" + bytes(range(18)),
        files.encoded(files.scene(), "HEIF") + b"\0\0\x04\0mpvd" + bytes(1016),
        files.encoded(files.scene(), "HEIF") + b"\0\0\x0a\x0bImage_UTC_Data1700000000000",
    ],
    ids=["MPO", "motion photo", "zeros behind", "progressive", "chance", "film", "Samsung"],
)
def test_real_phone_files_pass(data: bytes) -> None:
    assert files.corners(served(data)) == "RGBY"


def test_the_placeholder_is_tiny_and_complete() -> None:
    for picture in (files.detailed(), files.scene(), files.scene(4000, 100)):
        placeholder = process(files.encoded(picture, "PNG")).placeholder
        assert placeholder.startswith("data:image/webp;base64,UklGR")
        assert len(placeholder) <= 300


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIF"])
def test_the_same_bytes_give_the_same_files(kind: str) -> None:
    data = files.encoded(files.detailed(), kind)
    assert process(data) == process(data)


def test_an_upload_that_was_read_before_is_read_from_its_start() -> None:
    file = io.BytesIO(files.encoded(files.scene()))
    file.seek(40)
    assert images.process(file).width == 80


# --------------------------------------------------------------------------------------- avatars


@pytest.mark.parametrize(
    ("original", "widths"),
    [((1000, 700), [64, 128, 320]), ((300, 200), [64, 128, 200]), ((40, 60), [40])],
)
def test_avatars_are_squares_and_never_enlarged(
    original: tuple[int, int], widths: list[int]
) -> None:
    processed = avatar(files.encoded(files.scene(*original)))
    assert [(each.width, each.height) for each in processed.renditions] == [
        (width, width) for width in widths
    ]
    assert (processed.width, processed.height) == original


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_avatar_is_the_middle_of_the_picture(kind: str) -> None:
    wide = Image.new("RGB", (3000, 800), files.COLOURS["R"])
    wide.paste(files.scene(800, 800), (1100, 0))
    assert files.corners(shown(avatar(files.encoded(wide, kind)).renditions[-1])) == "RGBY"


def test_an_avatar_stands_upright() -> None:
    assert files.corners(shown(avatar(files.taken(6)).renditions[-1])) == "RGBY"


# ---------------------------------------------------------------------------------------- colour


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_small_rgb_profile_is_kept(kind: str) -> None:
    profile = files.rgb_profile()
    picture = served(files.encoded(files.scene(), kind, icc_profile=profile))
    assert picture.info["icc_profile"] == profile


def test_a_large_rgb_profile_is_applied_and_dropped() -> None:
    profile = files.rgb_profile(swapped=True, padding=100_000)
    picture = served(files.encoded(files.scene(), "PNG", icc_profile=profile))
    assert "icc_profile" not in picture.info
    assert files.colour_at(picture, 1, 1) == "G"


def test_cmyk_is_converted_by_its_profile() -> None:
    cyan = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    with_profile = served(files.encoded(cyan, icc_profile=files.cmyk_profile()))
    assert grey_at(with_profile, 9, 9) > 240
    assert "icc_profile" not in with_profile.info


def test_cmyk_without_a_profile_becomes_rgb() -> None:
    assert files.corners(served(files.encoded(files.scene().convert("CMYK")))) == "RGBY"


def test_grey_is_converted_by_its_profile() -> None:
    grey = Image.new("L", (32, 32), 128)
    assert abs(grey_at(served(files.encoded(grey)), 9, 9) - 128) < 4
    linear = served(files.encoded(grey, icc_profile=files.grey_profile()))
    assert abs(grey_at(linear, 9, 9) - 188) < 4


@pytest.mark.parametrize(
    "profile", [b"nonsense" * 40, files.rgb_profile()[:200], files.cmyk_profile()]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_or_foreign_profile_is_ignored(kind: str, profile: bytes) -> None:
    picture = served(files.encoded(files.scene(), kind, icc_profile=profile))
    assert files.corners(picture) == "RGBY"
    assert "icc_profile" not in picture.info


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_transparency_is_kept(kind: str) -> None:
    picture = files.scene().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    alpha = served(files.encoded(picture, kind)).getchannel("A")
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
    assert served(files.encoded(files.scene().convert("RGBA"), "PNG")).mode == "RGB"


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (0x4000, 0x40), (0xFFFF, 0xFF)])
def test_16_bit_grey_keeps_its_brightness(value: int, expected: int) -> None:
    picture = served(files.encoded(Image.new("I;16", (32, 32), value), "PNG"))
    assert abs(grey_at(picture, 9, 9) - expected) < 4


def test_16_bit_grey_may_have_a_transparent_value() -> None:
    row = b"\x01\x80" * 16 + b"\x00\x80" * 16
    picture = Image.frombytes("I;16", (32, 32), row * 32)
    alpha = served(files.encoded(picture, "PNG", transparency=0x8001)).getchannel("A")
    assert (grey_at(alpha, 4, 9), grey_at(alpha, 28, 9)) == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_black_and_white_and_grey_are_read(mode: str) -> None:
    picture = Image.new("L", (32, 32), 255)
    picture.paste(0, (0, 0, 16, 32))
    picture = served(files.encoded(picture.convert(mode), "PNG"))
    assert grey_at(picture, 4, 9) < 10
    assert grey_at(picture, 28, 9) > 245


# --------------------------------------------------------------------------------------- refused


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


def test_too_many_bytes_are_refused(settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1024**2
    with pytest.raises(ImageRejected, match="larger than 1 MB") as caught:
        process(files.encoded(files.scene()) + bytes(1024**2))
    assert caught.value.code == "file_too_large"


@pytest.mark.parametrize("kind", files.FORMATS)
def test_too_many_pixels_are_refused_by_the_header(kind: str) -> None:
    with pytest.raises(ImageRejected, match="50 megapixels") as caught:
        process(files.claiming(kind, 10_000, 10_000))
    assert caught.value.code == "too_many_pixels"


def test_the_limit_on_pixels_is_exact(settings: Any) -> None:
    data = files.encoded(files.scene(), "PNG")
    settings.MAX_IMAGE_PIXELS = 80 * 48
    assert process(data).width == 80
    settings.MAX_IMAGE_PIXELS = 80 * 48 - 1
    assert refusal(data) == "too_many_pixels"


def test_a_heic_header_that_lies_does_not_get_past_the_limit(settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 2000
    assert refusal(files.claiming("HEIF", 40, 24)) in {"too_many_pixels", "image_unreadable"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_a_header_that_promises_more_than_there_is_is_refused(kind: str) -> None:
    assert refusal(files.claiming(kind, 800, 480)) in {"image_truncated", "image_unreadable"}


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "GIF"])
def test_a_header_that_lies_is_believed_where_the_decoder_believes_it(kind: str) -> None:
    processed = process(files.claiming(kind, 800, 480))
    assert (processed.width, processed.height) == (800, 480)


@pytest.mark.parametrize(
    ("size", "code"),
    [((1, 1), "image_too_small"), ((15, 90), "image_too_small"), ((20, 1001), "image_too_long")],
)
def test_pictures_of_no_use_are_refused(size: tuple[int, int], code: str) -> None:
    assert refusal(files.encoded(files.scene(*size), "PNG")) == code


def test_the_message_names_the_smallest_side() -> None:
    with pytest.raises(ImageRejected, match="at least 16 pixels"):
        process(files.encoded(files.scene(1, 1), "PNG"))


@pytest.mark.parametrize("kind", files.FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.95])
def test_a_file_that_breaks_off_is_refused(kind: str, kept: float) -> None:
    data = files.encoded(files.detailed(), kind)
    assert refusal(data[: int(len(data) * kept)]) == "image_truncated"


@pytest.mark.parametrize("chunk", [b"iCCP", b"zTXt"])
def test_png_chunks_that_explode_are_refused(chunk: bytes) -> None:
    assert refusal(files.text_bomb(chunk)) == "image_unreadable"


@pytest.mark.parametrize(
    "data",
    [
        files.encoded(files.scene()) + files.archive(),
        files.encoded(files.scene(), "PNG") + files.archive() + bytes(1000),
        files.encoded(files.scene(), comment=b"%PDF-1.4 /JavaScript"),
        files.encoded(files.scene(), comment=b"<?php system($_GET['c']); ?>"),
        files.encoded(files.scene(), comment=b"<Script >alert(1)</script>"),
        files.encoded(files.scene(), "GIF", comment=b"<svg/onload=alert(1)>"),
        files.png_with(b"tEXt", b"a\0<!doctype html><body>"),
    ],
    ids=["zip", "zip and zeros", "pdf", "php", "script", "svg", "html"],
)
def test_a_picture_that_is_another_file_as_well_is_refused(data: bytes) -> None:
    assert refusal(data) == "suspicious_file"


# ------------------------------------------------------------------------------------- isolation


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that puts other code in the decoder's place."""

    def replace(code: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(code)
        monkeypatch.setattr(images, "DECODER", path)

    return replace


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise ValueError('broken')", "image_unreadable"),
        ("raise MemoryError", "too_much_memory"),
        ("import os; os.abort()", "image_unreadable"),
        ("import os; os.kill(os.getpid(), 9)", "too_much_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "took_too_long"),
        ("import os; os.write(2, b'std::bad_alloc'); os.abort()", "too_much_memory"),
    ],
)
def test_a_decoder_that_dies_is_a_refusal(decoder: Any, code: str, expected: str) -> None:
    decoder(code)
    assert refusal(files.encoded(files.scene())) == expected


def test_a_decoder_that_never_ends_is_stopped(
    decoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "TIMEOUT_SECONDS", 0.3)
    decoder("while True: pass")
    assert refusal(files.encoded(files.scene())) == "took_too_long"


def test_the_operator_reads_why(decoder: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "photos.images")
    decoder("raise ValueError('the reason')")
    assert refusal(files.encoded(files.scene())) == "image_unreadable"
    assert "ValueError: the reason" in caplog.text


def test_the_decoder_knows_nothing_of_the_site(
    decoder: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "photos.images")
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    decoder("import os, sys; sys.exit(f'{dict(os.environ)} {sys.flags.isolated}')")
    assert refusal(files.encoded(files.scene())) == "image_unreadable"
    assert "MALLOC_ARENA_MAX" in caplog.text
    assert "do-not-tell" not in caplog.text


def test_a_picture_that_needs_too_much_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "MEMORY_LIMIT", 150 * 1024**2)
    large = Image.new("RGB", (6000, 6000), "teal")
    assert refusal(files.encoded(large, "PNG", compress_level=1)) == "too_much_memory"


@pytest.mark.parametrize("data", [files.phone_jpeg(), files.phone_jpeg()[:900], b"text"])
def test_no_file_is_left_behind(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with suppress(ImageRejected):
        process(data)
    assert list(tmp_path.iterdir()) == []


def test_the_site_itself_never_loads_a_decoder() -> None:
    code = "import sys, photos.images; sys.exit('PIL' in sys.modules)"
    project = Path(images.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0


def test_only_two_decoders_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    run = images._run

    def counted(*args: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        try:
            return run(*args)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(images, "_run", counted)
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(process, [files.encoded(files.scene())] * 6))
    assert most == images.DECODERS
    assert len(set(results)) == 1


def test_who_waits_too_long_for_a_decoder_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(images, "_turns", threading.BoundedSemaphore(1))
    with images._a_turn():
        assert refusal(files.encoded(files.scene())) == "busy"
