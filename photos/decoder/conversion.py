"""The conversion of one picture: from the uploaded file to the files that are served."""

from __future__ import annotations

import errno
import math
import os
import traceback
import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops

from photos.decoder.camera import camera_of
from photos.decoder.cicp import colours_of
from photos.decoder.colours import in_rgb
from photos.decoder.job import Job, RefusedError
from photos.decoder.opening import check_size, load_first_frame, opened
from photos.decoder.orientation import orientation_of, turned
from photos.decoder.previews import write_placeholder, write_preview
from photos.decoder.scaling import layout, resized, upright

# Figures, and what else was tried: docs/media.md. The effort of the encoder, 0 to 6: 2 makes files
# that are 10 % smaller than those of 0. Above this many pixels that costs more than it is worth.
METHOD = 2
MAX_PIXELS_OF_METHOD = 1_500_000
QUALITY = 80
# A drawing has at least this part of its neighbours equal, and a colour that is so far from grey.
# Its lossless file may be so many times as large as the lossy one.
MIN_FLAT = 0.4
MAX_OFF_GREY = 8
MAX_COST_OF_LOSSLESS = 3


def answer(job: Job) -> dict[str, Any]:
    """Return what ``job`` made (see ``convert``), or ``{"refused": code}`` for any failure.

    Failures that are not the picture's known faults leave a traceback on standard error.
    """
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
        if getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}:
            # There is no room for a traceback either.
            return {"refused": "no_room"}
        traceback.print_exc()
        return {"refused": code_of(error)}


def code_of(error: Exception) -> str:
    """Return the code of ``photos.images.MESSAGES`` for a failure inside a decoder.

    Pillow's plugins raise the same classes for different faults, so their messages decide.
    """
    words = f"{type(error).__name__} {error}".lower()
    if "memory" in words:
        return "too_much_memory"
    if "eoferror" in words or "truncated" in words or "end of file" in words:
        return "image_truncated"
    return "image_unreadable"


def convert(job: Job) -> dict[str, Any]:
    """Write the renditions, the placeholder and the preview into the folder, and describe them.

    Returns ``width`` and ``height`` of the upright original, ``renditions`` and ``preview`` as
    sizes in pixels, and ``camera``. Raises ``RefusedError`` and whatever Pillow raises.
    """
    file = opened(job)
    # Like browsers: what stands behind the pixels of a PNG does not turn them.
    orientation = orientation_of(file)
    if job["kind"] != "JPEG":
        load_first_frame(file, job["source"])
    # A HEIC file really knows its size only once it is decoded.
    area = file.info.get("area") or (0, 0, *file.size)
    shown = area[2] - area[0], area[3] - area[1]
    check_size(shown, job)
    original = turned(shown, orientation)
    sizes = layout(original, job)
    camera = camera_of(file)
    colours = colours_of(file)
    picture = upright(file, area, sizes[-1], orientation, square=job["square"])
    picture, profile = in_rgb(picture, colours)
    preview = write_preview(picture, profile, job["preview"]) if job["preview"] else None
    exact = is_drawing(picture)
    for number, size in reversed(list(enumerate(sizes))):
        picture = resized(picture, size)
        exact = write_rendition(picture, f"{number}.webp", profile, exact=exact)
    write_placeholder(picture, profile)
    return {
        "width": original[0],
        "height": original[1],
        "renditions": sizes,
        "preview": preview,
        "camera": camera,
    }


def write_rendition(picture: Image.Image, name: str, profile: bytes, *, exact: bool) -> bool:
    """Write one size as WebP; tell whether it is lossless, as asked for by ``exact``.

    Lossy WebP halves the resolution of colours, which photographs hide and red words on white do
    not. It is written all the same where the lossless file is far larger.
    """
    method = METHOD if math.prod(picture.size) <= MAX_PIXELS_OF_METHOD else 0
    options: dict[str, Any] = {"method": method, "icc_profile": profile}
    picture.save(name, quality=QUALITY, **options)
    if not exact:
        return False
    lossless = BytesIO()
    picture.save(lossless, "WEBP", lossless=True, quality=20, **options)
    if lossless.tell() > MAX_COST_OF_LOSSLESS * os.stat(name).st_size:  # noqa: PTH116
        return False
    with open(name, "wb") as file:  # noqa: PTH123 - pathlib takes 3 ms to import
        file.write(lossless.getvalue())
    return True


def is_drawing(picture: Image.Image) -> bool:
    """Tell whether most neighbours in a picture are equal, and not all of it is grey.

    Screenshots and pixel art are so; in a photograph there is grain. Lossy WebP keeps greys. Looks
    at every 32nd row.
    """
    height = max(1, picture.height // 32)
    rows = picture.resize((picture.width, height), Image.Resampling.NEAREST).convert("RGB")
    right = rows.crop((1, 0, rows.width, height))
    red, green, blue = ImageChops.difference(
        right, rows.crop((0, 0, rows.width - 1, height))
    ).split()
    equal = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()[0]
    if equal < MIN_FLAT * right.width * height:
        return False
    red, green, blue = rows.split()
    away = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return any(any(band.histogram()[MAX_OFF_GREY:]) for band in away)
