"""Builds files as browsers show them and Pillow does not write them: odd PNG, cropped AVIF."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

from tests.photos.image_files import encoded

Chunk = tuple[bytes, bytes]  # the name and the content


def chunk(name: bytes, data: bytes, *, damaged: bool = False) -> bytes:
    """Return a chunk of a PNG, with a wrong sum if ``damaged``."""
    total = zlib.crc32(name + data) ^ damaged
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", total)


def raw_png(size: tuple[int, int], bits: int, kind: int, row: bytes, *between: Chunk) -> bytes:
    """Return a PNG whose rows are all ``row``, with these chunks before the pixels.

    ``kind`` is PNG's colour type: 0 for grey, 2 for RGB.
    """
    header = struct.pack(">2I5B", *size, bits, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), *between, (b"IDAT", zlib.compress((b"\0" + row) * size[1]))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in (*chunks, (b"IEND", b"")))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Return a PNG with these chunks behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def flat(colour: tuple[int, int, int]) -> Image.Image:
    """Return a picture of one colour."""
    return Image.new("RGB", (64, 48), colour)


def stating_png(colour: tuple[int, int, int], *chunks: Chunk) -> bytes:
    """Return a PNG of one colour with these chunks."""
    return with_chunks(encoded(flat(colour), "PNG"), *(chunk(*one) for one in chunks))


def stating_avif(colour: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    """Return an AVIF of one colour that states these code points."""
    data = bytearray(encoded(flat(colour), "AVIF", quality=95))
    struct.pack_into(">HH", data, data.find(b"nclx") + 4, primaries, transfer)
    return bytes(data)


def stating_heic(colour: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    """Return a HEIC of one colour that states these code points."""
    return encoded(
        flat(colour),
        "HEIF",
        quality=95,
        full_range_flag=1,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=6,
    )


def cropped_avif(picture: Image.Image, aperture: Sequence[int]) -> bytes:
    """Return an AVIF with ``clap``: eight numbers, each a numerator or a denominator.

    The box goes to the end of ``ipco`` and is tied to the first item; what lies behind it moves.
    """
    data = bytearray(encoded(picture, "AVIF", quality=90))

    def grow(name: bytes, by: int) -> None:
        at = data.index(name) - 4
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + by)

    at = data.index(b"ipco") - 4
    end = at + struct.unpack_from(">I", data, at)[0]
    position, number = at + 8, 1
    while position < end:
        position += struct.unpack_from(">I", data, position)[0]
        number += 1
    data[end:end] = struct.pack(">I4s4IiIiI", 40, b"clap", *aperture)
    grow(b"ipco", 40)
    tied = data.index(b"ipma") + 14  # behind version, flags, count of items and the first id
    data[tied] += 1
    data.insert(tied + data[tied], 0x80 | number)
    for name, by in ((b"ipma", 1), (b"iprp", 41), (b"meta", 41)):
        grow(name, by)
    _move_items(data, 41)
    return bytes(data)


def _move_items(data: bytearray, by: int) -> None:
    """Add to the place of each item in ``iloc`` with 4 bytes for places and lengths and no base."""
    at = data.index(b"iloc") + 8
    (items,) = struct.unpack_from(">H", data, at + 2)
    at += 4
    for _ in range(items):
        (extents,) = struct.unpack_from(">H", data, at + 4)
        at += 6
        for place in range(at, at + 8 * extents, 8):
            struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + by)
        at += 8 * extents


def apng_with_hidden_still(still: Image.Image, frame: Image.Image) -> bytes:
    """Return an animated PNG of one frame, and a still for programs that know no animation."""
    control = struct.pack(">5I2H2B", 0, *frame.size, 0, 0, 1, 10, 0, 0)
    pixels = encoded(frame, "PNG")
    at = pixels.index(b"IDAT")
    (length,) = struct.unpack_from(">I", pixels, at - 4)
    moving = chunk(b"fdAT", struct.pack(">I", 1) + pixels[at + 4 : at + 4 + length])
    data = encoded(still, "PNG")
    end = data.index(b"IEND") - 4
    data = data[:end] + chunk(b"fcTL", control) + moving + data[end:]
    return with_chunks(data, chunk(b"acTL", struct.pack(">2I", 1, 0)))


def small_first_frame_gif() -> bytes:
    """Return a GIF of 80 × 48 pixels whose only frame is blue and fills the middle quarter."""
    palette = bytes((40, 60, 200, 220, 40, 40))
    inner = Image.new("P", (40, 24), 0)
    inner.putpalette(palette)
    data = encoded_palette(inner)
    pixels = data[data.index(b",\0\0\0\0") + 10 :]
    head = b"GIF89a" + struct.pack("<2H3B", 80, 48, 0x80, 1, 0) + palette
    return head + b"," + struct.pack("<4HB", 20, 12, 40, 24, 0) + pixels


def encoded_palette(picture: Image.Image) -> bytes:
    """Return a GIF whose palette is the global one."""
    buffer = io.BytesIO()
    picture.save(buffer, "GIF")
    return buffer.getvalue()


def small_first_frame_webp() -> bytes:
    """Return a WebP of 80 × 48 pixels whose only frame is blue and fills the middle quarter."""
    blue = Image.new("RGB", (40, 24), (40, 60, 200))
    frame = _three(10, 6, 39, 23, 100) + b"\0" + encoded(blue, "WEBP", lossless=True)[12:]
    body = b"WEBP" + _riff(b"VP8X", b"\2\0\0\0" + _three(79, 47))
    body += _riff(b"ANIM", b"\xff\xff\xff\xff\0\0") + _riff(b"ANMF", frame)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _three(*values: int) -> bytes:
    return b"".join(value.to_bytes(3, "little") for value in values)


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
