"""Turn one uploaded picture into what is served: a program of its own, run by ``photos.images``.

It reads bytes that strangers made, with decoders written in C, so it runs in a process that may
use little memory, little time and nothing of Django. Started in a private folder, with a job in
JSON, it leaves ``0.webp``, ``1.webp``, … (narrowest first), ``placeholder.webp`` and, if asked
for, ``preview.jpg`` there and prints a line of JSON: what it made and what the camera noted, or
the code of why not. Tracebacks go to standard error.
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import sys
import traceback
import warnings
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

Job = dict[str, Any]  # pixels, bytes and seconds; ``photos.images`` writes it
Size = tuple[int, int]

# Figures, and what else was tried: docs/media.md. The effort of the encoder, 0 to 6: 2 makes files
# that are 10 % smaller than those of 0. Above this many pixels that costs more than it is worth.
METHOD = 2
MAX_PIXELS_OF_METHOD = 1_500_000
QUALITY = 80
# As good as BICUBIC for making pictures smaller, which is all that is done here, at half the cost.
FILTER = Image.Resampling.HAMMING
WEBP_MAX_SIDE = 16383
MAX_FILE_BYTES = 64 * 1024 * 1024
# An sRGB or Display P3 profile has 500 to 3,200 bytes; larger ones would outweigh small pictures.
MAX_PROFILE_BYTES = 4096
MAX_PLACEHOLDER_BYTES = 200  # below 300 characters in base64 with its "data:" prefix
# Link previews: baseline would take 3 ms instead of 17 and 5 % more bytes; progressive ones show
# something at once on a slow line.
PREVIEW_QUALITY = 82
PLACEHOLDER_TRIES = ((20, 40), (20, 10), (16, 0), (10, 0), (4, 0))  # longer side, quality
MOMENT = r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)"  # strptime takes 5 ms to import
MAX_NOTE_LENGTH = 100  # of what a camera says of itself
# The boxes that carry an AVIF or HEIC picture; what phones append behind them is not looked at.
KNOWN_BOXES = {b"ftyp", b"meta", b"mdat", b"idat", b"moov", b"free", b"skip"}
# By EXIF orientation, from 2 to 8: what undoes it.
T = Image.Transpose
UPRIGHT = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE}
UPRIGHT |= {6: T.ROTATE_270, 7: T.TRANSVERSE, 8: T.ROTATE_90}


class RefusedError(Exception):
    """The picture is refused; the argument is the code for it."""


def limit_resources(job: Job) -> None:
    """Take from this process what decoding does not need, before the first byte is read."""
    # A worker stays on one CPU (infra/gunicorn.conf.py); pictures are for whichever is idle.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"],) * 2)


def answer(job: Job) -> dict[str, Any]:
    """Do the job; every failure becomes a code, and a traceback for the operator."""
    # Pillow refuses above twice this number, some plugins before they allocate anything.
    Image.MAX_IMAGE_PIXELS = (job["max_pixels"] + 1) // 2
    warnings.simplefilter("ignore")
    try:
        return convert(job)
    except RefusedError as refusal:
        return {"refused": str(refusal)}
    except Image.DecompressionBombError:
        return {"refused": "too_many_pixels"}
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like
        traceback.print_exc()
        return {"refused": code_of(error)}


def code_of(error: Exception) -> str:
    """Return the code for a failure inside a decoder; most are told apart by words only."""
    words = f"{type(error).__name__} {error}".lower()
    if "memory" in words:
        return "too_much_memory"
    if "eoferror" in words or "truncated" in words or "end of file" in words:
        return "image_truncated"
    return "image_unreadable"


def convert(job: Job) -> dict[str, Any]:
    """Write the renditions and the placeholder, and describe them."""
    file = opened(job)
    check_size(file.size, job)
    if job["kind"] != "JPEG":
        file.load()
        # A HEIC file really knows its size only once it is decoded.
        check_size(file.size, job)
    orientation = orientation_of(file)
    original = turned(file.size, orientation)
    sizes = layout(original, job)
    camera = camera_of(file)
    profile = file.info.get("icc_profile")
    picture = upright(file, sizes[-1], orientation, square=job["square"])
    picture, profile = in_rgb(picture, profile)
    preview = write_preview(picture, profile, job["preview"]) if job["preview"] else None
    for number, size in reversed(list(enumerate(sizes))):
        picture = resized(picture, size)
        method = METHOD if math.prod(size) <= MAX_PIXELS_OF_METHOD else 0
        picture.save(f"{number}.webp", quality=QUALITY, method=method, icc_profile=profile)
    write_placeholder(picture)
    return {
        "width": original[0],
        "height": original[1],
        "renditions": sizes,
        "preview": preview,
        "camera": camera,
    }


def opened(job: Job) -> ImageFile:
    """Open the picture with the one plugin for its kind; its suffix keeps others unloaded."""
    kind = job["kind"]
    if kind in {"WEBP", "AVIF", "HEIF"} and cut_short(job["source"]):
        raise RefusedError("image_truncated")
    if kind == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile

        # Unlike the stock opener this ignores the directory of further pictures (MPO).
        Image.register_open(kind, JpegImageFile)
    elif kind == "WEBP":
        from PIL import WebPImagePlugin

        Image.register_open(kind, frugal(WebPImagePlugin.WebPImageFile))
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

    That of WebP holds two copies of the picture: 890 MB instead of 620 for 50 megapixels.
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
    with open(name, "rb") as file:  # noqa: PTH123 - pathlib takes 3 ms to import
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
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


def orientation_of(file: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it cannot be read."""
    try:
        orientation = file.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - broken EXIF is common, and raises in a dozen ways
        return 1
    return orientation if orientation in UPRIGHT else 1


def camera_of(file: ImageFile) -> dict[str, str]:
    """Return what EXIF says of the camera, the lens, the exposure and the moment; never where.

    EXIF that is broken says nothing, and so does a value that makes no sense.
    """
    try:
        exif = file.getexif()
        make, model = note(exif.get(ExifTags.Base.Make)), note(exif.get(ExifTags.Base.Model))
        details = exif.get_ifd(ExifTags.IFD.Exif)
        notes = {
            "camera": camera_name(make, model),
            "lens": note(details.get(ExifTags.Base.LensModel)),
            "exposure": exposure(details),
            "taken": moment(details),
        }
    except Exception:  # noqa: BLE001 - broken EXIF is common, and raises in a dozen ways
        return {}
    return {name: value for name, value in notes.items() if value}


def note(value: object) -> str:
    """Return a text of EXIF fit to be shown: one line, printable, not long.

    Pillow reads it as Latin-1; cameras that write more than ASCII write UTF-8.
    """
    if not isinstance(value, str):
        return ""
    value = value[: 40 * MAX_NOTE_LENGTH].split("\0")[0]
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode()
    printable = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(printable.split())[:MAX_NOTE_LENGTH].rstrip()


def camera_name(make: str, model: str) -> str:
    """Return make and model; many models begin with the make: "Canon", "Canon EOS R6"."""
    brand = make.partition(" ")[0].lower()
    parts = [model] if brand and model.lower().startswith(brand) else [make, model]
    return " ".join(part for part in parts if part)[:MAX_NOTE_LENGTH].rstrip()


def exposure(details: dict[int, Any]) -> str:
    """Return time, aperture, sensitivity and focal length, as many as there are."""
    seconds = number(details.get(ExifTags.Base.ExposureTime), least=0.00001)
    aperture = number(details.get(ExifTags.Base.FNumber), least=0.5)
    iso = number(details.get(ExifTags.Base.ISOSpeedRatings))
    length = number(details.get(ExifTags.Base.FocalLength))
    parts = []
    if seconds:
        # From a quarter of a second down cameras count in parts of one.
        whole = 1 / seconds if seconds < 0.3 else 0
        parts.append(f"1/{whole:.0f} s" if whole else f"{seconds:.1f}".removesuffix(".0") + " s")
    if aperture:
        parts.append("f/" + f"{aperture:.1f}".removesuffix(".0"))
    if iso:
        parts.append(f"ISO {iso:.0f}")
    if length:
        parts.append(f"{length:.1f}".removesuffix(".0") + " mm")
    return ", ".join(parts)


def number(value: Any, least: float = 1) -> float:
    """Return a number of EXIF; 0 for none, and for one that no camera means."""
    if isinstance(value, tuple):
        value = value[0] if value else 0
    try:
        value = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return 0
    return value if math.isfinite(value) and least <= value < 10_000_000 else 0


def moment(details: dict[int, Any]) -> str:
    """Return when the picture was taken, in ISO 8601, with its offset from UTC if that is known."""
    words = note(details.get(ExifTags.Base.DateTimeOriginal))
    if not (parts := re.fullmatch(MOMENT, words, re.ASCII)):
        return ""
    from datetime import datetime

    try:
        taken = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*parts.groups()))
    except ValueError:  # "0000:00:00 00:00:00" is what cameras write whose clock is not set
        return ""
    offset = note(details.get(ExifTags.Base.OffsetTimeOriginal))
    known = re.fullmatch(r"[+-](?:0\d|1[0-4]):[0-5]\d", offset, re.ASCII)
    return taken.isoformat() + (offset if known else "")


def turned(size: Size, orientation: int) -> Size:
    """Return ``size`` as it is once the picture stands upright, and the other way round."""
    return size if orientation < 5 else (size[1], size[0])


def layout(original: Size, job: Job) -> list[Size]:
    """Return the sizes to make, narrowest first: never wider than the original.

    The last one is the original's own width if that lies below the widest asked for. WebP holds
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
    """Return the picture at ``size``; what is much larger is first averaged down by two or more."""
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


def in_rgb(picture: Image.Image, icc: bytes | None) -> tuple[Image.Image, bytes]:
    """Return the picture in RGB or RGBA, and the colour profile to write, if any.

    A profile that is broken or belongs to another kind of colours is ignored.
    """
    alpha = picture.getchannel("A") if picture.mode in {"LA", "RGBA"} else None
    colours, kept = in_mode(picture, picture.mode.removesuffix("A")), b""
    if icc:
        try:
            colours, kept = with_profile(colours, icc)
        except Exception as error:  # noqa: BLE001 - the colours are not worth the picture
            sys.stderr.write(f"Colour profile ignored: {error}\n")
    colours = in_mode(colours, "RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours, kept


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return the picture in this mode; converting to the mode it has would copy it."""
    return picture if picture.mode == mode else picture.convert(mode)


def with_profile(picture: Image.Image, icc: bytes) -> tuple[Image.Image, bytes]:
    """Keep a small RGB profile, convert to sRGB by every other one; raises if it is broken."""
    from PIL import ImageCms

    space = ImageCms.ImageCmsProfile(BytesIO(icc)).profile.xcolor_space.strip()
    mode = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}[space]
    if mode == "RGB" and picture.mode == "L":
        picture = picture.convert("RGB")
    if mode != picture.mode:
        raise ValueError(f"made for {space}, not for {picture.mode}")
    transform = to_srgb(icc, mode)
    if mode == "RGB" and len(icc) <= MAX_PROFILE_BYTES:
        return picture, icc
    return transform.apply(picture), b""


def write_preview(picture: Image.Image, profile: bytes, limits: Size) -> Size:
    """Write a JPEG in sRGB for the programs that show a link; return its size."""
    scale = min(1, limits[0] / picture.width, limits[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    small = resized(picture, size)
    colours = in_mode(small, "RGB")
    if profile:
        colours = to_srgb(profile, "RGB").apply(colours)
    if "A" in small.getbands():
        ground = Image.new("RGB", size, "white")
        ground.paste(colours, mask=small.getchannel("A"))
        colours = ground
    # Pillow would carry a comment of the original over.
    colours.save("preview.jpg", quality=PREVIEW_QUALITY, progressive=True, comment=b"")
    return size


def to_srgb(icc: bytes, mode: str) -> ImageCmsTransform:
    """Return what turns a picture with this profile into sRGB; raises if the profile is broken."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(BytesIO(icc))
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")


def write_placeholder(picture: Image.Image) -> None:
    """Write the tiny version that pages paint before the picture arrives."""
    for side, quality in PLACEHOLDER_TRIES:
        scale = min(1, side / max(picture.size))
        width, height = (max(1, round(length * scale)) for length in picture.size)
        tiny = resized(picture, (width, height))
        tiny.save("placeholder.webp", quality=quality, alpha_quality=quality, method=6)
        if os.stat("placeholder.webp").st_size <= MAX_PLACEHOLDER_BYTES:  # noqa: PTH116
            return


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    limit_resources(order)
    sys.stdout.write(json.dumps(answer(order)))
