"""The sizes to make of a picture, and making them."""

from __future__ import annotations

from PIL import Image
from PIL.ImageFile import ImageFile

from photos.decoder.job import Job, Size
from photos.decoder.orientation import UPRIGHT, turned

# As good as BICUBIC for making pictures smaller, which is all that is done here, at half the cost.
FILTER = Image.Resampling.HAMMING
WEBP_MAX_SIDE = 16383


def layout(original: Size, job: Job) -> list[Size]:
    """Return the sizes to make in pixels, narrowest first: never wider than the original.

    The last one has the original's width if that lies below the widest asked for. WebP holds
    no heights above 16383, so a very tall picture gets fewer and narrower sizes.
    """
    width, height = (min(original),) * 2 if job["square"] else original
    top = min(width, max(job["widths"]), WEBP_MAX_SIDE * width // height)
    widths = [*sorted(wanted for wanted in job["widths"] if wanted < top), top]
    return [(wanted, max(1, round(wanted * height / width))) for wanted in widths]


def upright(file: ImageFile, size: Size, orientation: int, *, square: bool) -> Image.Image:
    """Return the picture, cropped if ``square``, scaled to ``size``, then turned. Closes ``file``.

    A JPEG is decoded at an eighth, quarter or half of its size where that is enough: a third of
    the time and a tenth of the memory.
    """
    size = turned(size, orientation)
    if file.format == "JPEG":
        width, height = file.size
        side = min(file.size) if square else width
        file.draft(None, (width * size[0] // side, height * size[0] // side))
    picture = with_bands(file)
    if picture is not file:
        file.close()
    if square:
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    picture = resized(picture, size)
    return picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture


def resized(picture: Image.Image, size: Size) -> Image.Image:
    """Return the picture at ``size``; one more than twice as large is first averaged down."""
    return picture.resize(size, FILTER, reducing_gap=2.0) if picture.size != size else picture


def with_bands(file: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be scaled: palettes and 16 bits are resolved."""
    file.load()
    mode = file.mode
    if mode == "I;16":
        wide, transparent = file.convert("I"), file.info.get("transparency")
        grey = wide.point([value >> 8 for value in range(65536)], "L")
        if isinstance(transparent, int):
            grey.putalpha(wide.point([255 * (v != transparent) for v in range(65536)], "L"))
        return grey
    if mode in {"P", "1", "RGB", "L"} and file.has_transparency_data:
        return file.convert("RGBA")
    other = {"P": "RGB", "1": "L", "La": "LA", "RGBa": "RGBA"}.get(mode)
    return file.convert(other) if other else file
