"""The two small pictures beside the renditions: for links, and for pages that still load."""

from __future__ import annotations

import os

from PIL import Image

from photos.decoder.colours import in_mode, to_srgb
from photos.decoder.job import Size
from photos.decoder.scaling import resized

# Link previews: baseline would take 3 ms instead of 17 and 5 % more bytes; progressive ones show
# something at once on a slow line.
PREVIEW_QUALITY = 82
GROUND = "white"
MAX_PLACEHOLDER_BYTES = 200  # below 300 characters in base64 with its "data:" prefix
PLACEHOLDER_TRIES = ((20, 40), (20, 10), (16, 0), (10, 0), (4, 0))  # longer side, quality


def write_preview(picture: Image.Image, profile: bytes, limits: Size) -> Size:
    """Write ``preview.jpg``, in sRGB and within ``limits``, for link previews; return its size."""
    scale = min(1, limits[0] / picture.width, limits[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    colours = on_ground(resized(picture, size), profile)
    # Pillow would carry a comment of the original over.
    colours.save("preview.jpg", quality=PREVIEW_QUALITY, progressive=True, comment=b"")
    return size


def on_ground(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in RGB and sRGB, what is transparent in it white."""
    colours = in_mode(picture, "RGB")
    if profile:
        colours = to_srgb(profile, "RGB").apply(colours)
    if "A" not in picture.getbands():
        return colours
    ground = Image.new("RGB", picture.size, GROUND)
    ground.paste(colours, mask=picture.getchannel("A"))
    return ground


def write_placeholder(picture: Image.Image, profile: bytes) -> None:
    """Write ``placeholder.webp``, at most 200 bytes, painted before the picture arrives.

    It stays behind the picture. So for one with transparent parts it is their ground, of one
    colour, and nothing of the picture.
    """
    if "A" in picture.getbands():
        Image.new("RGB", (1, 1), GROUND).save("placeholder.webp", lossless=True)
        return
    for side, quality in PLACEHOLDER_TRIES:
        scale = min(1, side / max(picture.size))
        width, height = (max(1, round(length * scale)) for length in picture.size)
        tiny = on_ground(resized(picture, (width, height)), profile)
        tiny.save("placeholder.webp", quality=quality, method=6)
        if os.stat("placeholder.webp").st_size <= MAX_PLACEHOLDER_BYTES:  # noqa: PTH116
            return
