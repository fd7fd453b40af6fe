"""What becomes of an uploaded picture: sizes, orientation, avatars, what is left out."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from photos import formats, images
from photos.refusals import ImageRejected
from tests.photos import image_files
from tests.photos.processing import avatar, process, served, shown


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_every_format_becomes_webp(kind: str) -> None:
    processed = process(image_files.encoded(image_files.scene(), kind))
    assert (processed.width, processed.height) == (80, 48)
    assert processed.mime == image_files.MIMES[kind]
    assert processed.mime in formats.ACCEPTED_TYPES
    assert image_files.corners(shown(processed.renditions[0])) == "RGBY"


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
    renditions = process(image_files.encoded(image_files.scene(*original))).renditions
    assert [rendition.width for rendition in renditions] == widths
    for rendition in renditions:
        assert shown(rendition).size == (rendition.width, rendition.height)
        assert rendition.height == round(rendition.width * original[1] / original[0])


@pytest.mark.slow
@pytest.mark.parametrize("size", [(8192, 6144), (8160, 6144)])
def test_what_phones_sell_as_50_megapixels_passes(size: tuple[int, int]) -> None:
    picture = image_files.encoded(Image.new("L", size, 90), quality=60)
    assert process(picture).width == size[0]


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ((9000, 1200), [(320, 43), (640, 85), (1080, 144), (1600, 213), (2400, 320), (4800, 640)]),
        ((3000, 1000), [(320, 107), (640, 213), (1080, 360), (1600, 533), (1920, 640)]),
        ((4000, 200), [(320, 16), (640, 32), (1080, 54), (1600, 80), (2000, 100), (4000, 200)]),
    ],
)
def test_a_panorama_has_sizes_of_useful_height(
    original: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    renditions = process(image_files.encoded(image_files.scene(*original))).renditions
    assert [(each.width, each.height) for each in renditions] == expected


@pytest.mark.slow
def test_a_very_tall_picture_is_narrowed_to_what_webp_can_hold() -> None:
    tall = Image.new("L", (1000, 20000), 90)
    widths = [rendition.width for rendition in process(image_files.encoded(tall)).renditions]
    assert widths == [320, 640, 819]


def test_the_caller_may_ask_for_other_widths() -> None:
    processed = images.process(
        io.BytesIO(image_files.encoded(image_files.scene())), widths=(20, 40)
    )
    assert [rendition.width for rendition in processed.renditions] == [20, 40]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    processed = process(image_files.taken(orientation))
    assert (processed.width, processed.height) == (80, 48)
    assert image_files.corners(shown(processed.renditions[-1])) == "RGBY"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", [5, 6])
def test_other_formats_are_turned_once_and_not_twice(kind: str, orientation: int) -> None:
    assert image_files.corners(served(image_files.taken(orientation, kind))) == "RGBY"


@pytest.mark.parametrize("block", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM"])
def test_broken_exif_is_ignored(block: bytes) -> None:
    assert (
        image_files.corners(served(image_files.encoded(image_files.scene(), exif=block))) == "RGBY"
    )


def test_nothing_about_the_photographer_is_served() -> None:
    assert image_files.SECRET in image_files.phone_jpeg()
    for rendition in process(image_files.phone_jpeg()).renditions:
        assert image_files.SECRET not in rendition.data
        assert {"exif", "xmp", "icc_profile"}.isdisjoint(shown(rendition).info)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_becomes_its_first_frame(kind: str) -> None:
    picture = served(image_files.several_frames(kind, duration=100))
    assert image_files.corners(picture) == "RGBY"
    assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "data",
    [
        image_files.several_frames("MPO"),
        image_files.motion_photo(),
        image_files.phone_jpeg() + bytes(5000),
        image_files.encoded(image_files.scene(), progressive=True),
        image_files.phone_jpeg() + b"PK\x05\x06" + bytes(range(18)),
        image_files.encoded(image_files.scene(), "HEIF") + b"\0\0\x04\0mpvd" + bytes(1016),
        image_files.encoded(image_files.scene(), "HEIF")
        + b"\0\0\x0a\x0bImage_UTC_Data1700000000000",
    ],
    ids=["MPO", "motion photo", "zeros behind", "progressive", "chance", "film", "Samsung"],
)
def test_real_phone_files_pass(data: bytes) -> None:
    assert image_files.corners(served(data)) == "RGBY"


def test_the_placeholder_is_tiny_and_complete() -> None:
    for picture in (image_files.detailed(), image_files.scene(), image_files.scene(4000, 100)):
        placeholder = process(image_files.encoded(picture, "PNG")).placeholder
        assert placeholder.startswith("data:image/webp;base64,UklGR")
        assert len(placeholder) <= 300


@pytest.mark.slow
@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_the_same_bytes_give_the_same_files(kind: str) -> None:
    data = image_files.encoded(image_files.detailed(), kind)
    assert process(data) == process(data)


def test_an_upload_that_was_read_before_is_read_from_its_start() -> None:
    file = io.BytesIO(image_files.encoded(image_files.scene()))
    file.seek(40)
    assert images.process(file).width == 80


# -------------------------------------------------------------------------------------- avatars


@pytest.mark.parametrize(
    ("original", "widths"),
    [((1000, 700), [64, 128, 320]), ((300, 200), [64, 128, 200]), ((40, 60), [40])],
)
def test_avatars_are_squares_and_never_enlarged(
    original: tuple[int, int], widths: list[int]
) -> None:
    processed = avatar(image_files.encoded(image_files.scene(*original)))
    assert [(each.width, each.height) for each in processed.renditions] == [
        (width, width) for width in widths
    ]
    assert (processed.width, processed.height) == original


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_avatar_is_the_middle_of_the_picture(kind: str) -> None:
    wide = Image.new("RGB", (3000, 800), image_files.COLOURS["R"])
    wide.paste(image_files.scene(800, 800), (1100, 0))
    assert (
        image_files.corners(shown(avatar(image_files.encoded(wide, kind)).renditions[-1])) == "RGBY"
    )


def test_an_avatar_stands_upright() -> None:
    assert image_files.corners(shown(avatar(image_files.taken(6)).renditions[-1])) == "RGBY"


# ---------------------------------------------------------------------------------- at first sight


@pytest.mark.parametrize("kind", image_files.FORMATS)
def test_an_upload_can_be_looked_at_without_decoding_it(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "DECODER", "no such program")
    file = io.BytesIO(image_files.encoded(image_files.scene(), kind))
    file.seek(40)
    assert images.check(file) == image_files.MIMES[kind]
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"just text", "not_an_image"),
        (image_files.encoded(image_files.scene()) + bytes(20 * 1024**2), "file_too_large"),
        (image_files.encoded(image_files.scene()) + image_files.archive(), "suspicious_file"),
        (image_files.encoded(image_files.scene(), comment=b"<script>"), "suspicious_file"),
    ],
    ids=["empty", "text", "large", "zip", "markup"],
)
def test_what_needs_no_decoding_to_be_refused_is_refused_at_once(data: bytes, code: str) -> None:
    with pytest.raises(ImageRejected) as caught:
        images.check(io.BytesIO(data))
    assert caught.value.code == code


def test_an_upload_as_large_as_is_allowed_passes() -> None:
    data = image_files.encoded(image_files.scene())
    images.check(io.BytesIO(data + bytes(20 * 1024**2 - len(data))))
