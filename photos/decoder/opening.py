"""Opening an uploaded file with the one plugin of Pillow that its kind needs."""

from __future__ import annotations

import os
import struct
from io import BytesIO
from typing import IO

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from photos.decoder import isobmff
from photos.decoder.job import Job, RefusedError, Size

# The boxes that carry an AVIF or HEIC picture; what phones append behind them is not looked at.
KNOWN_BOXES = {b"ftyp", b"meta", b"mdat", b"idat", b"moov", b"free", b"skip"}
# A file that ends without this marker, and bytes that are no marker and no usual pixels.
START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
NO_MARKER = bytes(range(0x31, 0xB1, 2)) * 2


def opened(job: Job, source: IO[bytes]) -> ImageFile:
    """Return the picture in ``source``, opened; only the one plugin for its kind is loaded.

    Raises ``RefusedError`` for a picture that is too large, too small or ends too early, and
    whatever the plugin raises for a header that it cannot read. Decodes nothing of a sound file.
    """
    kind = job["kind"]
    if kind in {"WEBP", "AVIF", "HEIF"} and cut_short(source):
        raise RefusedError("image_truncated")
    register(kind)
    try:
        file = Image.open(source, formats=[kind])
    except UnidentifiedImageError:
        if kind == "JPEG" and is_deep_jpeg(source):
            raise RefusedError("jpeg_of_12_bits") from None
        raise
    check_size(file.size, job)
    if kind == "AVIF":
        read_properties(file, source)
    if kind == "JPEG" and (whole := completed(source)):
        file = Image.open(BytesIO(whole), formats=[kind])
    return file


def register(kind: str) -> None:
    """Load the plugin for this kind of file, and set it to need little."""
    if kind == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile

        # Unlike the stock opener this ignores the directory of further pictures (MPO).
        Image.register_open(kind, JpegImageFile)
    elif kind == "PNG":
        from photos.decoder import png

        Image.register_open(kind, png.File)
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


def read_properties(file: ImageFile, source: IO[bytes]) -> None:
    """Put the part of an AVIF that is shown and its code points into ``info``.

    Raises ``RefusedError`` for boxes that cannot be read: one of them may say what was cut off.
    """
    source.seek(0)
    try:
        properties = isobmff.properties_of(source.read())
    except (IndexError, KeyError, struct.error):
        raise RefusedError("image_unreadable") from None
    file.info["area"] = isobmff.clean_aperture(properties, file.size)
    file.info["cicp"] = isobmff.code_points(properties)


def load_first_frame(file: ImageFile, source: IO[bytes]) -> None:
    """Decode the picture, of an animation the first frame; raises whatever the plugin raises.

    Puts the part of the picture that the frame fills into ``info``: what lies around it is
    transparent, which Pillow does not say.
    """
    if file.format == "PNG":
        file.load_first_frame()  # type: ignore[attr-defined]
    else:
        file.load()
    if file.format == "WEBP":
        file.info["frame"] = first_frame_of_webp(source)
    else:
        file.info["frame"] = getattr(file, "dispose_extent", None)


def first_frame_of_webp(source: IO[bytes]) -> isobmff.Area | None:
    """Return the part of the canvas that the first frame of an animation fills, else ``None``."""
    source.seek(12)
    while len(head := source.read(8)) == 8:
        if head[:4] == b"ANMF":
            numbers = source.read(12)
            left, top, width, height = (
                int.from_bytes(numbers[at : at + 3], "little") for at in range(0, 12, 3)
            )
            return 2 * left, 2 * top, 2 * left + width + 1, 2 * top + height + 1
        if head[:3] == b"VP8" and head[3:4] != b"X":
            return None
        length = int.from_bytes(head[4:], "little")
        source.seek(length + length % 2, os.SEEK_CUR)
    return None


def frugal(plugin: type[ImageFile]) -> type[ImageFile]:
    """Return ``plugin``, changed to let its decoder go before it allocates the picture.

    The decoder of WebP holds two copies of the picture: 890 MB instead of 620 for 50 megapixels.
    """

    class Frugal(plugin):  # type: ignore[misc, valid-type]
        def load_prepare(self) -> None:
            self._decoder = None
            super().load_prepare()

    return Frugal


def completed(source: IO[bytes]) -> bytes:
    """Return a JPEG with the end marker that it lacks; nothing if it does not lack it.

    Cameras and messengers write files without it, and browsers show them. Raises ``RefusedError``
    if pixels are missing as well. Costs two decodings, of such files only.
    """
    source.seek(-2, os.SEEK_END)
    if source.read() == END_OF_IMAGE:
        return b""
    source.seek(0)
    data = source.read()
    if data.rfind(END_OF_IMAGE) > data.rfind(START_OF_SCAN):
        return b""
    if data.endswith(bytes(16)):
        data = data.rstrip(b"\0")  # space that was kept for what never came
    data = data.rstrip(b"\xff")
    # Behind the last pixel a decoder skips what is no marker. Before it, it takes it for pixels.
    pixels = digest(data + END_OF_IMAGE)
    if not pixels or pixels != digest(data + NO_MARKER + END_OF_IMAGE):
        raise RefusedError("image_truncated")
    return data + END_OF_IMAGE


def is_deep_jpeg(source: IO[bytes]) -> bool:
    """Tell whether the frame header of a JPEG says that it has more than 8 bits a channel."""
    source.seek(2)
    while len(head := source.read(4)) == 4 and head[0] == 0xFF:
        if 0xC0 <= head[1] <= 0xCF and head[1] not in {0xC4, 0xC8, 0xCC}:
            return source.read(1) > b"\x08"
        source.seek(int.from_bytes(head[2:], "big") - 2, os.SEEK_CUR)
    return False


def digest(data: bytes) -> bytes:
    """Return a hash of the pixels of a JPEG, empty if it cannot be decoded."""
    from hashlib import blake2b

    from PIL.JpegImagePlugin import JpegImageFile

    hashed = blake2b()
    try:
        picture = JpegImageFile(BytesIO(data))
        picture.load()
    except (OSError, SyntaxError):
        return b""
    for top in range(0, picture.height, 256):
        strip = picture.crop((0, top, picture.width, min(top + 256, picture.height)))
        hashed.update(strip.tobytes())
    return hashed.digest()


def cut_short(source: IO[bytes]) -> bool:
    """Tell whether a RIFF or ISO container says that it is longer than the file.

    The decoders name this error differently, and HEIC's paints what is missing grey.
    """
    length = source.seek(0, os.SEEK_END)
    source.seek(0)
    if source.read(4) == b"RIFF":
        return 8 + int.from_bytes(source.read(4), "little") > length
    position = 0
    while position < length:
        source.seek(position)
        size = int.from_bytes(source.read(4), "big")
        if source.read(4) not in KNOWN_BOXES or size == 0:
            return False
        if size == 1:
            size = int.from_bytes(source.read(8), "big")
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
