"""The conversion of one picture: from the uploaded file to the files that are served."""

from __future__ import annotations

import errno
import math
import traceback
import warnings
from typing import Any

from PIL import Image

from photos.decoder.camera import camera_of
from photos.decoder.colours import in_rgb
from photos.decoder.job import Job, RefusedError
from photos.decoder.opening import check_size, opened
from photos.decoder.orientation import orientation_of, turned
from photos.decoder.previews import write_placeholder, write_preview
from photos.decoder.scaling import layout, resized, upright

# Figures, and what else was tried: docs/media.md. The effort of the encoder, 0 to 6: 2 makes files
# that are 10 % smaller than those of 0. Above this many pixels that costs more than it is worth.
METHOD = 2
MAX_PIXELS_OF_METHOD = 1_500_000
QUALITY = 80


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
