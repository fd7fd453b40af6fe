"""The two small pictures beside the renditions: for links, and for pages that still load."""

from __future__ import annotations

from PIL import Image

from photos.decoder.colours import in_mode, to_srgb
from photos.decoder.job import Size
from photos.decoder.scaling import encoded, resized

# Link previews: baseline would take 3 ms instead of 17 and 5 % more bytes; progressive ones show
# something at once on a slow line.
PREVIEW_QUALITY = 82
GROUND = "white"
MAX_PLACEHOLDER_BYTES = 200  # below 300 characters in base64 with its "data:" prefix
PLACEHOLDER_TRIES = ((20, 40), (20, 10), (16, 0), (10, 0), (4, 0))  # longer side, quality


def preview_of(picture: Image.Image, profile: bytes, limits: Size) -> tuple[Size, bytes]:
    """Return the size of a JPEG in sRGB and within ``limits``, for link previews, and the file."""
    scale = min(1, limits[0] / picture.width, limits[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    colours = on_ground(resized(picture, size), profile)
    # Pillow would carry a comment of the original over.
    options = {"quality": PREVIEW_QUALITY, "progressive": True, "comment": b""}
    return size, encoded(colours, ".jpg", **options)


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


def placeholder_of(picture: Image.Image, profile: bytes) -> bytes:
    """Return a WebP of at most 200 bytes, painted before the picture arrives.

    It stays behind the picture. So for one with transparent parts it is their ground, of one
    colour, and nothing of the picture.
    """
    if "A" in picture.getbands():
        return encoded(Image.new("RGB", (1, 1), GROUND), ".webp", lossless=True)
    for side, quality in PLACEHOLDER_TRIES:
        scale = min(1, side / max(picture.size))
        width, height = (max(1, round(length * scale)) for length in picture.size)
        tiny = on_ground(resized(picture, (width, height)), profile)
        file = encoded(tiny, ".webp", quality=quality, method=6)
        if len(file) <= MAX_PLACEHOLDER_BYTES:
            break
    return file
