"""The sizes to make of a picture, and making them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image
from PIL.ImageFile import ImageFile

from photos.decoder.isobmff import Area
from photos.decoder.job import Job, Size
from photos.decoder.orientation import UPRIGHT, turned

# As good as BICUBIC for making pictures smaller, which is all that is done here, at half the cost.
FILTER = Image.Resampling.HAMMING
WEBP_MAX_SIDE = 16383
STRIP = 256  # rows


def layout(original: Size, job: Job) -> list[Size]:
    """Return the sizes to make in pixels, narrowest first: never wider than the original.

    The last one has the original's width if that lies below the widest asked for. A panorama gets
    two wider sizes, of which the last is two fifths as high as the widest asked for: by width
    alone it would be a ribbon. WebP holds no sides above 16383, so a very tall picture gets fewer
    and narrower sizes.
    """
    width, height = (min(original),) * 2 if job["square"] else original
    usual = max(job["widths"])
    wide = usual * 2 // 5 * width // height
    top = min(width, max(usual, wide), WEBP_MAX_SIDE, WEBP_MAX_SIDE * width // height)
    widths = [*sorted(wanted for wanted in job["widths"] if wanted < top), top]
    if top > 2 * usual:
        widths.insert(-1, top // 2)
    return [(wanted, max(1, round(wanted * height / width))) for wanted in widths]


def upright(
    file: ImageFile, area: Area, size: Size, orientation: int, *, square: bool
) -> Image.Image:
    """Return this ``area`` of the picture, scaled to ``size``, then turned. Closes ``file``.

    With ``square`` only the middle of the area is taken.

    A JPEG is decoded at an eighth, quarter or half of its size where that is enough: a third of
    the time and a tenth of the memory.
    """
    size = turned(size, orientation)
    if file.format == "JPEG":
        width, height = file.size
        side = min(file.size) if square else area[2] - area[0]
        file.draft(None, (width * size[0] // side, height * size[0] // side))
        area = scaled(area, (width, height), file.size)
    picture = with_bands(file)
    frame = file.info.get("frame")
    if picture is not file:
        file.close()
    if frame and frame != (0, 0, *picture.size):
        picture = alone(picture, frame)
    if area != (0, 0, *picture.size):
        picture = picture.crop(area)
    if square:
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    picture = resized(picture, size)
    return picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture


def scaled(area: Area, before: Size, now: Size) -> Area:
    """Return where ``area`` lies in a picture of ``before`` that is decoded to the size ``now``.

    Of whole pixels inside of it, so that what lies around it is in none of them; at least one.
    """
    if before == now or area == (0, 0, *before):
        return area if before == now else (0, 0, *now)
    left, top = (min(-(-area[at] * now[at] // before[at]), now[at] - 1) for at in (0, 1))
    right, bottom = (area[at + 2] * now[at] // before[at] for at in (0, 1))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def alone(picture: Image.Image, frame: Area) -> Image.Image:
    """Return the picture with all transparent that lies around ``frame``."""
    canvas = Image.new("RGBA", picture.size)
    canvas.paste(picture.crop(frame).convert("RGBA"), frame)
    return canvas


def resized(picture: Image.Image, size: Size) -> Image.Image:
    """Return the picture at ``size``; one more than twice as large is first averaged down."""
    return picture.resize(size, FILTER, reducing_gap=2.0) if picture.size != size else picture


def encoded(picture: Image.Image, suffix: str, **options: Any) -> bytes:
    """Return the picture as a file of the format that ``suffix`` stands for (".webp", ".jpg")."""
    file = BytesIO()
    # For a name Pillow loads the one plugin that it needs, for the name of a format six others.
    file.name = f"picture{suffix}"
    picture.save(file, **options)
    return file.getvalue()


def with_bands(file: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be scaled: palettes and 16 bits are resolved."""
    file.load()
    mode = file.mode
    if mode == "I;16":
        return grey_of_16_bits(file, file.info.get("transparency"))
    if mode in {"P", "1", "RGB", "L"} and file.has_transparency_data:
        return file.convert("RGBA")
    other = {"P": "RGB", "1": "L", "La": "LA", "RGBa": "RGBA"}.get(mode)
    return file.convert(other) if other else file


def grey_of_16_bits(file: Image.Image, transparent: object) -> Image.Image:
    """Return a grey picture of 16 bits with 8, and with alpha if one of its values is transparent.

    Strip by strip: Pillow looks values up in pictures of 32 bits only.
    """
    grey, seen = Image.new("L", file.size), Image.new("L", file.size, 255)
    upper = [value >> 8 for value in range(65536)]
    other = [255 * (value != transparent) for value in range(65536)]
    for top in range(0, file.height, STRIP):
        strip = file.crop((0, top, file.width, min(top + STRIP, file.height))).convert("I")
        grey.paste(strip.point(upper, "L"), (0, top))
        if isinstance(transparent, int):
            seen.paste(strip.point(other, "L"), (0, top))
    if isinstance(transparent, int):
        grey.putalpha(seen)
    return grey
