"""The conversion of one picture: from the uploaded file to the files that are served."""

from __future__ import annotations

import errno
import math
import traceback
import warnings
from typing import Any

from PIL import Image, ImageChops

from photos.decoder.camera import camera_of
from photos.decoder.cicp import colours_of
from photos.decoder.colours import in_rgb
from photos.decoder.job import Job, RefusedError
from photos.decoder.opening import check_size, load_first_frame, opened
from photos.decoder.orientation import in_file, orientation_of, turned, turned_further
from photos.decoder.previews import look_of, placeholder_of, preview_of
from photos.decoder.scaling import encoded, layout, resized, upright

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

    The files stand in the job's "result" one after the other, "lengths" has their bytes. Failures
    that are not the picture's known faults leave a traceback on standard error.
    """
    # Pillow refuses above twice this number, some plugins before they allocate anything.
    Image.MAX_IMAGE_PIXELS = (job["max_pixels"] + 1) // 2
    warnings.simplefilter("ignore")
    try:
        made, files = convert(job)
        with open(job["result"], "wb") as result:  # noqa: PTH123 - an open file has no path
            result.writelines(files)
        return {**made, "lengths": [len(file) for file in files]}
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
    """Return the code of ``photos.refusals.MESSAGES`` for a failure inside a decoder.

    Pillow's plugins raise the same classes for different faults, so their messages decide.
    """
    words = f"{type(error).__name__} {error}".lower()
    if "memory" in words:
        return "too_much_memory"
    if "eoferror" in words or "truncated" in words or "end of file" in words:
        return "image_truncated"
    return "image_unreadable"


def convert(job: Job) -> tuple[dict[str, Any], list[bytes]]:
    """Return a description of the picture, and the files that are served of it.

    The description: ``width`` and ``height`` of the original, upright, turned and cropped,
    ``renditions`` and ``preview`` as sizes in pixels, ``camera`` and ``look``. The files: the
    placeholder, the renditions narrowest first, the preview if one is asked for. Raises
    ``RefusedError`` and whatever Pillow raises.
    """
    source = open(job["source"], "rb")  # noqa: PTH123, SIM115 - an open file, used to the end
    file = opened(job, source)
    # Like browsers: what stands behind the pixels of a PNG does not turn them.
    orientation = orientation_of(file)
    if job["kind"] != "JPEG":
        load_first_frame(file, source)
    # A HEIC file really knows its size only once it is decoded.
    area = file.info.get("area") or (0, 0, *file.size)
    orientation = turned_further(orientation, job["turn"])
    if job["crop"]:
        area = in_file(job["crop"], area, orientation)
    shown = area[2] - area[0], area[3] - area[1]
    check_size(shown, job)
    original = turned(shown, orientation)
    sizes = layout(original, job)
    camera = camera_of(file)
    colours = colours_of(file)
    picture = upright(file, area, sizes[-1], orientation, square=job["square"])
    picture, profile = in_rgb(picture, colours)
    preview = preview_of(picture, profile, job["preview"]) if job["preview"] else None
    exact = is_drawing(picture)
    files = [preview[1]] if preview else []
    for size in reversed(sizes):
        picture = resized(picture, size)
        data, exact = rendition_of(picture, profile, exact=exact)
        files.insert(0, data)
    files.insert(0, placeholder_of(picture, profile))
    made = {
        # Avatars are cut out of a picture: they look like none.
        "look": "" if job["square"] else look_of(picture, profile),
        "width": original[0],
        "height": original[1],
        "renditions": sizes,
        "preview": preview[0] if preview else None,
        "camera": camera,
    }
    return made, files


def rendition_of(picture: Image.Image, profile: bytes, *, exact: bool) -> tuple[bytes, bool]:
    """Return one size as WebP, and whether it is lossless, as asked for by ``exact``.

    Lossy WebP halves the resolution of colours, which photographs hide and red words on white do
    not. It is written all the same where the lossless file is far larger.
    """
    method = METHOD if math.prod(picture.size) <= MAX_PIXELS_OF_METHOD else 0
    options: dict[str, Any] = {"method": method, "icc_profile": profile}
    lossy = encoded(picture, ".webp", quality=QUALITY, **options)
    if not exact:
        return lossy, False
    lossless = encoded(picture, ".webp", lossless=True, quality=20, **options)
    if len(lossless) > MAX_COST_OF_LOSSLESS * len(lossy):
        return lossy, False
    return lossless, True


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
