"""The boxes of AVIF that Pillow does not read: the crop (``clap``) and the colours (``colr``)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from photos.decoder.job import Size

Property = tuple[bytes, bytes]  # the type of a box, and what is in it
Area = tuple[int, int, int, int]  # left, top, right and bottom in pixels
TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"av01")
# What stands before the boxes in these: a version with flags, a count, the fields of a film.
FIELDS = {b"meta": 4, b"stsd": 8, b"av01": 78}


def properties_of(data: bytes) -> list[Property]:
    """Return the properties of the picture that is shown: of the film's, or the primary item's.

    Raises ``struct.error`` or ``IndexError`` for boxes that end too early.
    """
    if data[8:12] == b"avis" and (track := inside(data, *TRACK)):
        return track
    meta = dict(inside(data, b"meta"))
    described = dict(boxes(meta[b"iprp"])) if b"iprp" in meta else {}
    if b"pitm" not in meta or b"ipco" not in described or b"ipma" not in described:
        return []
    known = list(boxes(described[b"ipco"]))
    pitm = meta[b"pitm"]
    (primary,) = struct.unpack_from(">I" if pitm[0] else ">H", pitm, 4)
    numbers = associations(described[b"ipma"]).get(primary, [])
    return [known[number - 1] for number in numbers if 0 < number <= len(known)]


def boxes(data: bytes, start: int = 0) -> Iterator[Property]:
    """Yield the boxes that stand in ``data`` from ``start`` on, up to one without a sound size."""
    while start + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, start + 8), 16
        end = start + size if size else len(data)
        if end < start + head:
            return
        yield name, data[start + head : end]
        start = end


def inside(data: bytes, *path: bytes) -> list[Property]:
    """Return what stands in the first box of the type ``path[-1]`` that lies at this path."""
    for name, content in boxes(data):
        if name == path[0]:
            rest = content[FIELDS.get(name, 0) :]
            if found := inside(rest, *path[1:]) if path[1:] else list(boxes(rest)):
                return found
    return []


def associations(ipma: bytes) -> dict[int, list[int]]:
    """Return the numbers of each item's properties, counted from 1, in the order given."""
    wide_id, wide_number = ipma[0] > 0, ipma[3] & 1
    (count,), at = struct.unpack_from(">I", ipma, 4), 8
    result: dict[int, list[int]] = {}
    for _ in range(count):
        (item,) = struct.unpack_from(">I" if wide_id else ">H", ipma, at)
        at += 4 if wide_id else 2
        form = f">{ipma[at]}{'H' if wide_number else 'B'}"
        numbers = struct.unpack_from(form, ipma, at + 1)
        at += 1 + struct.calcsize(form)
        result[item] = [number & (0x7FFF if wide_number else 0x7F) for number in numbers]
    return result


def clean_aperture(properties: list[Property], size: Size) -> Area:
    """Return the part of a picture of ``size`` that is to be shown, before it is turned.

    That is all of it without ``clap``, and with one that means no part of the picture. Only whole
    pixels inside the part are shown: what was cut off is nobody's business.
    """
    whole = (0, 0, *size)
    for name, data in properties:
        if name != b"clap" or len(data) < 32:
            continue
        numbers = struct.unpack_from(">IIIIiIiI", data)
        if not all(numbers[1::2]):
            return whole
        width, height, right, down = (numbers[at] / numbers[at + 1] for at in (0, 2, 4, 6))
        left, top = (size[0] - width) / 2 + right, (size[1] - height) / 2 + down
        near, far = 0.001, (left + width, top + height)
        first = max(0, math.ceil(left - near)), max(0, math.ceil(top - near))
        last = (min(limit, math.floor(end + near)) for limit, end in zip(size, far, strict=True))
        area = (*first, *last)
        return area if area[0] < area[2] and area[1] < area[3] else whole
    return whole


def code_points(properties: list[Property]) -> tuple[int, int] | None:
    """Return the CICP code points of primaries and transfer (``nclx``), ``None`` without."""
    for name, data in properties:
        if name == b"colr" and data[:4] == b"nclx" and len(data) >= 8:
            primaries, transfer = struct.unpack_from(">HH", data, 4)
            return primaries, transfer
    return None
