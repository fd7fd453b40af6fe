"""What is served looks like what was uploaded: structure by SSIM, colour by patches."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw
from skimage.metrics import structural_similarity

from photos.images import Rendition
from tests.photos import image_files
from tests.photos.processing import process, shown

pytestmark = pytest.mark.slow
SIZE = (640, 480)
PATCH = 80
# Of 255, for the worst channel of the worst patch; measured: 3.0, and 3.4 through a profile.
TOLERANCE = 4
WIDE_TOLERANCE = 5
# The ColorChecker's colours in sRGB, rounded: skin, sky, leaves, pure colours, greys.
PATCHES = (
    (115, 82, 68),
    (194, 150, 130),
    (98, 122, 157),
    (87, 108, 67),
    (133, 128, 177),
    (103, 189, 170),
    (214, 126, 44),
    (80, 91, 166),
    (193, 90, 99),
    (94, 60, 108),
    (157, 188, 64),
    (224, 163, 46),
    (56, 61, 150),
    (70, 148, 73),
    (175, 54, 60),
    (231, 199, 31),
    (187, 86, 149),
    (8, 133, 161),
    (243, 243, 242),
    (200, 200, 200),
    (160, 160, 160),
    (122, 122, 121),
    (85, 85, 85),
    (52, 52, 52),
)


def landscape() -> Image.Image:
    """Return a picture as a camera gives it: soft colours, hard edges, texture and grain."""
    width, height = SIZE
    generator = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width]
    waves = 40 * np.sin(x / 23 + y / 61) + 25 * np.sin(x * y / 9000)
    channels = [90 + 90 * y / height + waves, 150 - 60 * y / height + waves, 190 - 0.2 * x + waves]
    values = np.stack(channels, axis=2) + generator.normal(0, 1.5, (height, width, 1))
    picture = Image.fromarray(values.clip(0, 255).astype("uint8"))
    draw = ImageDraw.Draw(picture)
    for at in range(40, 600, 70):
        draw.ellipse((at, 300, at + 50, 350 + at // 6), fill=(at % 256, 90, 250 - at % 200))
        draw.line((at, 20, 620 - at, 280), fill=(250, 245, 230), width=2)
    return picture


def chart() -> Image.Image:
    """Return the patches in four rows of six."""
    picture = Image.new("RGB", (6 * PATCH, 4 * PATCH))
    for number, colour in enumerate(PATCHES):
        left, top = number % 6 * PATCH, number // 6 * PATCH
        picture.paste(colour, (left, top, left + PATCH, top + PATCH))
    return picture


def patches_of(picture: Image.Image) -> list[list[float]]:
    """Return the mean colour of every patch, without its edges."""
    values = np.asarray(picture.convert("RGB"), dtype=float)
    margin = PATCH // 5
    return [
        values[top + margin : top + PATCH - margin, left + margin : left + PATCH - margin]
        .mean(axis=(0, 1))
        .tolist()
        for top in range(0, 4 * PATCH, PATCH)
        for left in range(0, 6 * PATCH, PATCH)
    ]


def furthest(picture: Image.Image, expected: list[list[float]]) -> float:
    """Return how far the worst channel of the worst patch is off, of 255."""
    return float(np.abs(np.array(patches_of(picture)) - np.array(expected)).max())


def alike(one: Image.Image, other: Image.Image) -> float:
    """Return how alike two pictures look, 1 at most: the mean SSIM of their channels."""
    pair = (np.asarray(each.convert("RGB")) for each in (one, other))
    return float(structural_similarity(*pair, channel_axis=2))


def jpeg(rendition: Rendition | None) -> Image.Image:
    assert rendition is not None
    return Image.open(io.BytesIO(rendition.data), formats=["JPEG"])


def grey_16(picture: Image.Image) -> bytes:
    values = np.asarray(picture.convert("L")).astype("uint16") * 257
    return image_files.encoded(Image.fromarray(values), "PNG")


def palette(picture: Image.Image) -> bytes:
    """Return a PNG of 256 colours of which one, that nothing has, is transparent."""
    reduced = picture.quantize(255, dither=Image.Dither.NONE)
    reduced.paste(255, (0, 0, 8, 8))
    return image_files.encoded(reduced, "PNG", transparency=255)


def gif(picture: Image.Image) -> bytes:
    return image_files.encoded(
        picture.quantize(256, dither=Image.Dither.NONE).convert("RGB"), "GIF"
    )


# How a picture is uploaded, and how alike what is served has to be: about 0.01 less than what was
# measured. Palettes lose most of it before they get here.
FORMATS: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "JPEG": (lambda it: image_files.encoded(it, quality=92), 0.93),
    "progressive": (lambda it: image_files.encoded(it, quality=92, progressive=True), 0.93),
    "CMYK": (lambda it: image_files.encoded(it.convert("CMYK"), quality=92), 0.93),
    "PNG": (lambda it: image_files.encoded(it, "PNG"), 0.93),
    "deep PNG": (image_files.deep_png, 0.93),
    "palette": (palette, 0.855),
    "WebP": (lambda it: image_files.encoded(it, "WEBP", quality=90), 0.925),
    "AVIF": (lambda it: image_files.encoded(it, "AVIF", quality=85), 0.93),
    "HEIC": (lambda it: image_files.encoded(it, "HEIF", quality=85), 0.93),
    "GIF": (gif, 0.84),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_served_looks_like_what_was_uploaded(name: str) -> None:
    upload, least = FORMATS[name]
    original = landscape()
    processed = process(upload(original))
    small = original.resize((320, 240), Image.Resampling.LANCZOS)
    narrow, full = (shown(rendition) for rendition in processed.renditions)
    assert alike(full, original) > least
    assert alike(narrow, small) > least
    assert alike(jpeg(processed.preview), original) > least


def test_16_bit_grey_looks_like_what_was_uploaded() -> None:
    original = landscape().convert("L")
    assert alike(shown(process(grey_16(original)).renditions[-1]), original) > 0.93


@pytest.mark.parametrize("name", FORMATS)
def test_colours_stay_what_they_were(name: str) -> None:
    upload, _ = FORMATS[name]
    processed = process(upload(chart()))
    expected = [list(map(float, colour)) for colour in PATCHES]
    assert furthest(shown(processed.renditions[-1]), expected) < TOLERANCE
    assert furthest(jpeg(processed.preview), expected) < TOLERANCE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_looks_like_the_upright_one(orientation: int) -> None:
    original = landscape()
    turn = image_files.AS_TAKEN.get(orientation)
    stored = original if turn is None else original.transpose(turn)
    processed = process(image_files.encoded(stored, quality=92, exif=image_files.exif(orientation)))
    assert alike(shown(processed.renditions[-1]), original) > 0.93
    assert alike(jpeg(processed.preview), original) > 0.93


# ----------------------------------------------------------------------------------- wide colours


def seen_in_srgb() -> list[list[float]]:
    """Return the patches, read as Display P3, in sRGB: by arithmetic, not by a library."""
    encoded = np.array(PATCHES) / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = light @ np.array(image_files.DISPLAY_P3) @ np.linalg.inv(np.array(image_files.SRGB))
    light = light.clip(0, 1)
    shown_as = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    result: list[list[float]] = (shown_as * 255).tolist()
    return result


def as_a_browser_shows_it(rendition: Rendition) -> Image.Image:
    picture = shown(rendition)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
    converted = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"))
    assert converted is not None
    return converted


def test_the_patches_tell_whether_wide_colours_were_converted() -> None:
    assert furthest(chart(), seen_in_srgb()) > 15


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_wide_colours_with_a_small_profile_are_served_with_it(kind: str) -> None:
    options = {} if kind == "PNG" else {"quality": 92}
    data = image_files.encoded(chart(), kind, icc_profile=image_files.wide_profile(), **options)
    processed = process(data)
    picture = as_a_browser_shows_it(processed.renditions[-1])
    assert furthest(picture, seen_in_srgb()) < WIDE_TOLERANCE
    assert furthest(jpeg(processed.preview), seen_in_srgb()) < WIDE_TOLERANCE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_wide_colours_with_a_large_profile_are_converted(kind: str) -> None:
    options = {} if kind == "PNG" else {"quality": 92}
    profile = image_files.wide_profile(padding=50_000)
    processed = process(image_files.encoded(chart(), kind, icc_profile=profile, **options))
    picture = shown(processed.renditions[-1])
    assert "icc_profile" not in picture.info
    assert furthest(picture, seen_in_srgb()) < WIDE_TOLERANCE
    assert furthest(jpeg(processed.preview), seen_in_srgb()) < WIDE_TOLERANCE
