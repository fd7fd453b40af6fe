"""The conversion of one picture: from the uploaded file to the files that are served."""

from __future__ import annotations

import math
import os
import traceback
import warnings
from io import BytesIO
from typing import Any, cast

from PIL import Image

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
# Screenshots and pixel art have fewer colours than this; a photograph has more in a few rows. Their
# lossless file may be so many times as large as the lossy one.
MAX_COLOURS = 8192
MAX_COST_OF_LOSSLESS = 2


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
    for number, size in reversed(list(enumerate(sizes))):
        picture = resized(picture, size)
        write_rendition(picture, f"{number}.webp", profile)
    write_placeholder(picture, profile)
    return {
        "width": original[0],
        "height": original[1],
        "renditions": sizes,
        "preview": preview,
        "camera": camera,
    }


def write_rendition(picture: Image.Image, name: str, profile: bytes) -> None:
    """Write one size as WebP: a photograph lossy, a drawing lossless where that costs little.

    Lossy WebP halves the resolution of colours, which photographs hide and red words on white do
    not.
    """
    method = METHOD if math.prod(picture.size) <= MAX_PIXELS_OF_METHOD else 0
    options: dict[str, Any] = {"method": method, "icc_profile": profile}
    few = is_drawing(picture)
    picture.save(name, quality=QUALITY, use_sharp_yuv=few, **options)
    if few:
        exact = BytesIO()
        picture.save(exact, "WEBP", lossless=True, quality=20, exact=False, **options)
        if exact.tell() <= MAX_COST_OF_LOSSLESS * os.stat(name).st_size:  # noqa: PTH116
            with open(name, "wb") as file:  # noqa: PTH123 - pathlib takes 3 ms to import
                file.write(exact.getvalue())


def is_drawing(picture: Image.Image) -> bool:
    """Tell whether a picture has few colours, and not just greys, which lossy WebP keeps."""
    colours = cast("list[tuple[int, tuple[int, ...]]] | None", picture.getcolors(MAX_COLOURS))
    return colours is not None and any(max(c[:3]) > min(c[:3]) + 8 for _, c in colours)
