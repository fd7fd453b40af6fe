"""How a picture lies in its file: the orientation that EXIF names."""

from __future__ import annotations

import struct

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from photos.decoder.job import Size

# By EXIF orientation, from 2 to 8: what undoes it.
T = Image.Transpose
UPRIGHT = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE}
UPRIGHT |= {6: T.ROTATE_270, 7: T.TRANSVERSE, 8: T.ROTATE_90}
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


def turned(size: Size, orientation: int) -> Size:
    """Return ``size`` with its sides swapped for the orientations that turn by 90 degrees."""
    return size if orientation < 5 else (size[1], size[0])
