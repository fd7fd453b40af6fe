"""How a picture lies in its file: the orientation that EXIF names."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from photos.decoder.isobmff import Area
from photos.decoder.job import Size

# By EXIF orientation, from 2 to 8: what undoes it.
T = Image.Transpose
UPRIGHT = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE}
UPRIGHT |= {6: T.ROTATE_270, 7: T.TRANSVERSE, 8: T.ROTATE_90}
# By orientation: that of a picture that is turned by a quarter once it is upright.
CLOCKWISE = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
SHORT = (3, 1)  # the type in EXIF, and how many there are


def orientation_of(file: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it cannot be read.

    Like browsers, which show a file before it is uploaded: one SHORT in the first directory, no
    other type and nothing that XMP says. Pillow reads those as well.
    """
    data = (file.info.get("exif") or b"").removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, length, value = struct.unpack_from(order + "HHIH", data, at)
            if tag == ExifTags.Base.Orientation:
                return value if (kind, length) == SHORT and value in UPRIGHT else 1
    except struct.error:
        pass  # broken EXIF is common
    return 1


def turned_further(orientation: int, quarters: int) -> int:
    """Return the orientation of a picture that is turned clockwise once it is upright."""
    for _ in range(quarters):
        orientation = CLOCKWISE[orientation]
    return orientation


def in_file(crop: Sequence[float], area: Area, orientation: int) -> Area:
    """Return the pixels of the file that a crop keeps: whole ones, and nothing beyond it.

    ``crop`` is left, top, width and height as fractions of the upright picture, ``area`` the part
    of the file that is shown. At least one pixel is kept.
    """
    left, top, width, height = crop
    right, bottom = left + width, top + height
    if orientation in {2, 3, 6, 7}:
        left, right = 1 - right, 1 - left
    if orientation in {3, 4, 7, 8}:
        top, bottom = 1 - bottom, 1 - top
    if orientation >= 5:
        left, top, right, bottom = top, left, bottom, right
    x0, x1 = between(left, right, area[0], area[2])
    y0, y1 = between(top, bottom, area[1], area[3])
    return x0, y0, x1, y1


def between(low: float, high: float, start: int, end: int) -> tuple[int, int]:
    """Return the pixels from ``start`` to ``end`` that lie between two fractions; at least one."""
    first = min(max(start, start + round(low * (end - start))), end - 1)
    return first, min(max(first + 1, start + round(high * (end - start))), end)


def turned(size: Size, orientation: int) -> Size:
    """Return ``size`` with its sides swapped for the orientations that turn by 90 degrees."""
    return size if orientation < 5 else (size[1], size[0])
