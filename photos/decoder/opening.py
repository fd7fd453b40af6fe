"""Opening an uploaded file with the one plugin of Pillow that its kind needs."""

from __future__ import annotations

import os

from PIL import Image
from PIL.ImageFile import ImageFile

from photos.decoder.job import Job, RefusedError, Size

# The boxes that carry an AVIF or HEIC picture; what phones append behind them is not looked at.
KNOWN_BOXES = {b"ftyp", b"meta", b"mdat", b"idat", b"moov", b"free", b"skip"}


def opened(job: Job) -> ImageFile:
    """Return the opened picture of ``job``; only the one plugin for its kind is loaded.

    Raises ``RefusedError`` for a container that ends too early, and whatever the plugin raises for
    a header that it cannot read. Decodes nothing yet.
    """
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

    The decoder of WebP holds two copies of the picture: 890 MB instead of 620 for 50 megapixels.
    """

    class Frugal(plugin):  # type: ignore[misc, valid-type]
        def load_prepare(self) -> None:
            self._decoder = None
            super().load_prepare()

    return Frugal


def cut_short(name: str) -> bool:
    """Tell whether a RIFF or ISO container says that it is longer than the file.

    The decoders name this error differently, and HEIC's paints what is missing grey.
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
    """Raise ``RefusedError`` for ``size`` in pixels that is too large, too small or too long."""
    short, long = sorted(size)
    if short * long > job["max_pixels"]:
        raise RefusedError("too_many_pixels")
    if short < job["min_side"]:
        raise RefusedError("image_too_small")
    if long > short * job["max_ratio"]:
        raise RefusedError("image_too_long")
