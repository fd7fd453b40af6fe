"""Turn one uploaded picture into WebP files. A program of its own, started by ``photos.images``.

It reads bytes that strangers made, with decoders written in C, so it runs in a process that may
use little memory, little time and nothing of Django. It is called as

    python -I decoder.py '{"kind": "JPEG", "source": "source.jpg", "widths": [320, 640], …}'

inside a private folder, leaves ``0.webp``, ``1.webp``, … (smallest first) and
``placeholder.webp`` there, and prints one line of JSON: what it made, or why it refuses.
Tracebacks go to standard error, for the operator.

Measured on 2 cores with ``time.perf_counter`` around ``images.process``, see ``QUALITY``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Picture
    from PIL.ImageFile import ImageFile

    Size = tuple[int, int]
    Box = tuple[int, int, int, int]


class Job(TypedDict):
    """What ``photos.images`` asks for; sizes in pixels, memory in bytes, time in seconds."""

    kind: str
    source: str
    widths: list[int]
    square: bool
    min_side: int
    max_ratio: int
    max_pixels: int
    memory: int
    seconds: int


QUALITY = 80
METHOD = 2
WEBP_MAX_SIDE = 16383
MAX_FILE_BYTES = 64 * 1024 * 1024
# An sRGB or Display P3 profile has 500 to 3,200 bytes; larger ones would outweigh small pictures.
MAX_PROFILE_BYTES = 4096
# In base64 and with its "data:" prefix this stays below 300 characters.
MAX_PLACEHOLDER_BYTES = 200
PLACEHOLDER_SIDE = 20
# The boxes that carry an AVIF or HEIC picture; what phones append behind them is not looked at.
KNOWN_BOXES = {b"ftyp", b"meta", b"mdat", b"idat", b"moov", b"free", b"skip"}


class RefusedError(Exception):
    """The picture is refused; the argument is the code for it."""


def limit_resources(job: Job) -> None:
    """Take from this process what decoding does not need, before the first byte is read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))


def answer(job: Job) -> dict[str, Any]:
    """Do the job; every failure becomes a code, and a traceback for the operator."""
    from PIL import Image

    # Image.open refuses above twice this number, some plugins before they allocate anything.
    Image.MAX_IMAGE_PIXELS = (job["max_pixels"] + 1) // 2
    warnings.simplefilter("ignore")
    try:
        return convert(job)
    except RefusedError as refusal:
        return {"refused": str(refusal)}
    except Image.DecompressionBombError:
        return {"refused": "too_many_pixels"}
    except Exception as error:
        traceback.print_exc()
        return {"refused": code_of(error)}


def code_of(error: Exception) -> str:
    """Return the code for a failure inside a decoder, most of which raise plain errors."""
    words = str(error).lower()
    if isinstance(error, MemoryError) or "memory" in words:
        return "too_much_memory"
    if isinstance(error, EOFError) or "truncated" in words:
        return "image_truncated"
    return "image_unreadable"


def convert(job: Job) -> dict[str, Any]:
    """Write the renditions and the placeholder, and describe them."""
    picture = opened(job)
    check_size(picture.size, job)
    if job["kind"] != "JPEG":
        picture.load()
        # A HEIC file knows its size only when it is decoded.
        check_size(picture.size, job)
    orientation = orientation_of(picture)
    original = turned(picture.size, orientation)
    sizes = layout(original, job)
    profile = picture.info.get("icc_profile")
    shown = upright(picture, sizes[-1], orientation, square=job["square"])
    del picture
    shown, profile = in_rgb(shown, profile)
    for number, size in reversed(list(enumerate(sizes))):
        shown = resized(shown, size)
        shown.save(f"{number}.webp", quality=QUALITY, method=METHOD, icc_profile=profile)
    write_placeholder(shown)
    return {"width": original[0], "height": original[1], "renditions": sizes}


# ------------------------------------------------------------------------------------- opening


def opened(job: Job) -> ImageFile:
    """Open the picture with the one plugin for its kind.

    The suffix of the file's name makes Pillow import that plugin only.
    """
    from PIL import Image

    kind = job["kind"]
    if kind in {"WEBP", "AVIF", "HEIF"} and cut_short(job["source"]):
        raise RefusedError("image_truncated")
    if kind == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile

        # The stock opener also reads the directory of further pictures (MPO), which is often
        # malformed; the first picture is all that is wanted.
        Image.register_open(kind, JpegImageFile)
    elif kind == "WEBP":
        from PIL.WebPImagePlugin import WebPImageFile

        Image.register_open(kind, frugal(WebPImageFile))
    elif kind == "AVIF":
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
        Image.register_open(kind, frugal(AvifImagePlugin.AvifImageFile))
    elif kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(
            decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
        )
    return Image.open(job["source"], formats=[kind])


def frugal(plugin: type[ImageFile]) -> type[ImageFile]:
    """Return ``plugin``, changed to let its decoder go before it allocates the picture.

    The decoder of WebP holds two copies of the picture, which makes 800 MB into 650.
    """

    class Frugal(plugin):  # type: ignore[misc, valid-type]
        def load_prepare(self) -> None:
            self._decoder = None
            super().load_prepare()

    return Frugal


def cut_short(name: str) -> bool:
    """Tell whether a RIFF or ISO container says that it is longer than the file.

    Their decoders call this by many names, and that of HEIC paints what is missing grey.
    """
    length = os.path.getsize(name)
    with open(name, "rb") as file:
        if file.read(4) == b"RIFF":
            return 8 + int.from_bytes(file.read(4), "little") > length
        position = 0
        while position < length:
            file.seek(position)
            size = int.from_bytes(file.read(4), "big")
            if file.read(4) not in KNOWN_BOXES or size == 0:
                return False
            if size == 1:
                size = int.from_bytes(file.read(8), "big")
            position += max(size, 8)
        return position > length


def check_size(size: Size, job: Job) -> None:
    """Refuse a picture that is too large, too small or too long."""
    short, long = sorted(size)
    if short * long > job["max_pixels"]:
        raise RefusedError("too_many_pixels")
    if short < job["min_side"]:
        raise RefusedError("image_too_small")
    if long > short * job["max_ratio"]:
        raise RefusedError("image_too_long")


def orientation_of(picture: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it cannot be read."""
    try:
        orientation = picture.getexif().get(0x0112, 1)
    except Exception:
        return 1
    return orientation if orientation in range(1, 9) else 1


# ------------------------------------------------------------------------------------ geometry


def turned(size: Size, orientation: int) -> Size:
    """Return ``size`` as it is once the picture stands upright, and the other way round."""
    return size if orientation < 5 else (size[1], size[0])


def layout(original: Size, job: Job) -> list[Size]:
    """Return the sizes to make, smallest first: never wider than the original.

    The last one is the original's own width if that lies below the widest asked for. Heights
    stay within what WebP can hold, so a very tall picture gets fewer and narrower sizes.
    """
    width, height = (min(original),) * 2 if job["square"] else original
    top = min(width, max(job["widths"]), WEBP_MAX_SIDE * width // height)
    widths = [*sorted(wanted for wanted in job["widths"] if wanted < top), top]
    return [(wanted, max(1, round(wanted * height / width))) for wanted in widths]


def upright(picture: ImageFile, size: Size, orientation: int, *, square: bool) -> Picture:
    """Return the picture, cropped if ``square``, at ``size`` and turned as it was taken.

    It is scaled before it is turned: the smaller picture is the cheaper one to copy.
    """
    from PIL.Image import Transpose

    size = turned(size, orientation)
    box = centre_of(picture.size) if square else (0, 0, *picture.size)
    if picture.format == "JPEG":
        # libjpeg decodes to an eighth, quarter or half for much less time and memory.
        side = box[2] - box[0]
        full = picture.size
        picture.draft(None, (full[0] * size[0] // side, full[1] * size[0] // side))
        picture.load()
        box = centre_of(picture.size) if square else (0, 0, *picture.size)
    bands = with_bands(picture)
    if bands is not picture:
        picture.close()
    shown = resized(bands, size, box)
    steps = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return shown.transpose(steps[orientation]) if orientation in steps else shown


def centre_of(size: Size) -> Box:
    """Return the largest square in the middle."""
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return left, top, left + side, top + side


def resized(picture: Picture, size: Size, box: Box | None = None) -> Picture:
    """Return the picture (or the ``box`` cut out of it) at ``size``.

    A picture much larger than that is first averaged down to two or three times the size.
    """
    from PIL.Image import Resampling

    if picture.size == size and (box is None or box == (0, 0, *size)):
        return picture
    return picture.resize(size, Resampling.BICUBIC, box, reducing_gap=2.0)


# -------------------------------------------------------------------------------------- colour


def with_bands(picture: Picture) -> Picture:
    """Return the picture in a mode that can be scaled: palettes and 16 bits are resolved."""
    transparency = picture.info.get("transparency")
    if picture.mode == "I;16":
        wide = picture.convert("I")
        grey = wide.point([value >> 8 for value in range(65536)], "L")
        if isinstance(transparency, int):
            grey.putalpha(wide.point([255 * (v != transparency) for v in range(65536)], "L"))
        return grey
    if picture.mode == "P":
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode in {"RGBa", "La"}:
        return picture.convert(picture.mode.upper())
    if transparency is not None and picture.mode in {"1", "L", "RGB"}:
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def in_rgb(picture: Picture, icc: bytes | None) -> tuple[Picture, bytes]:
    """Return the picture in RGB or RGBA, and the colour profile to write (or none).

    A small RGB profile is kept; every other one is used to convert to sRGB. A profile that is
    broken or belongs to another kind of colours is ignored.
    """
    alpha = picture.getchannel("A") if picture.mode in {"LA", "RGBA"} else None
    colours = picture.convert(picture.mode[:-1]) if alpha is not None else picture
    kept = b""
    if icc:
        try:
            colours, kept = with_profile(colours, icc)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            print("Colour profile ignored:", error, file=sys.stderr)
    colours = colours.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours, kept


def with_profile(picture: Picture, icc: bytes) -> tuple[Picture, bytes]:
    """Apply the profile, or keep it; raises if it is broken."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(BytesIO(icc))
    space = profile.profile.xcolor_space.strip()
    mode = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}.get(space)
    if mode == "RGB" and picture.mode == "L":
        picture = picture.convert("RGB")
    if mode != picture.mode:
        raise ValueError(f"{space} for a picture in {picture.mode}")
    srgb = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(profile, srgb, mode, "RGB")
    if mode == "RGB" and len(icc) <= MAX_PROFILE_BYTES:
        return picture, icc
    return transform.apply(picture), b""


# ------------------------------------------------------------------------------------- writing


def write_placeholder(picture: Picture) -> None:
    """Write the tiny version that pages paint before the picture arrives."""
    scale = PLACEHOLDER_SIDE / max(picture.size)
    for quality, smaller in tries():
        size = [max(1, round(side * scale / smaller)) for side in picture.size]
        tiny = resized(picture, (size[0], size[1]))
        tiny.save("placeholder.webp", quality=quality, alpha_quality=quality, method=6)
        if os.path.getsize("placeholder.webp") <= MAX_PLACEHOLDER_BYTES:
            return


def tries() -> Iterator[tuple[int, float]]:
    """Yield a quality and a divisor of the size, until the placeholder is small enough."""
    for smaller in (1, 1.25, 2, 4):
        for quality in (40, 15, 0):
            yield quality, smaller


if __name__ == "__main__":
    order: Job = json.loads(sys.argv[1])
    limit_resources(order)
    print(json.dumps(answer(order)))
