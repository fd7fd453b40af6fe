"""The small ones beside the renditions: for links, for pages that still load, and for comparing."""

from __future__ import annotations

import dhash
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
# How a picture looks, in bits: which of two neighbours in a grid of nine by nine greys is lighter.
LOOK_SIDE = 8
# A grey that is one step off is noise. Pictures without so many real differences, or all of whose
# differences go one way (a plain gradient), look like too many others.
NOISE = 2
MIN_DIFFERENCES = 80
MIN_ONES = 6


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


def look_of(picture: Image.Image, profile: bytes) -> str:
    """Return how the picture looks as 32 hexadecimal digits, to find copies of it; empty if plain.

    Copies that are smaller, compressed again or a little brighter differ in few of the 128 bits
    (docs/adr/0039-pictures-that-look-alike.md). One without detail looks like many others.
    """
    side = LOOK_SIDE + 1
    small = on_ground(picture, profile).convert("L").resize((side, side), Image.Resampling.LANCZOS)
    greys = list(small.tobytes())
    rows, columns = dhash.dhash_row_col(greys, LOOK_SIDE)
    if _differences(greys, side) < MIN_DIFFERENCES:
        return ""
    bits = LOOK_SIDE * LOOK_SIDE
    if not all(MIN_ONES <= half.bit_count() <= bits - MIN_ONES for half in (rows, columns)):
        return ""
    return f"{rows << bits | columns:0{bits // 2}x}"


def _differences(greys: list[int], side: int) -> int:
    """Return how many of the compared neighbours differ by more than noise."""
    places = [y * side + x for y in range(side - 1) for x in range(side - 1)]
    pairs = [(at, at + step) for at in places for step in (1, side)]
    return sum(abs(greys[one] - greys[other]) >= NOISE for one, other in pairs)
