"""How a picture lies in its file: the orientation that EXIF names."""

from __future__ import annotations

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from photos.decoder.job import Size

# By EXIF orientation, from 2 to 8: what undoes it.
T = Image.Transpose
UPRIGHT = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE}
UPRIGHT |= {6: T.ROTATE_270, 7: T.TRANSVERSE, 8: T.ROTATE_90}


def orientation_of(file: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it cannot be read."""
    try:
        orientation = file.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - broken EXIF is common, and raises in a dozen ways
        return 1
    return orientation if orientation in UPRIGHT else 1


def turned(size: Size, orientation: int) -> Size:
    """Return ``size`` with its sides swapped for the orientations that turn by 90 degrees."""
    return size if orientation < 5 else (size[1], size[0])
