"""A folder of pictures: their dates from EXIF, their captions from XMP or IPTC.

XMP beside a picture (``IMG.jpg.xmp``, or ``IMG.xmp``; the longer name wins) or in it:
``dc:description`` (Adobe, XMP Specification, part 1). IPTC-IIM 4.2: dataset 2:120, in Photoshop's
segment of a JPEG, in the character set that dataset 1:90 declares, else UTF-8, else Latin-1. The
date is the camera's (Exif 3.0, ``DateTimeOriginal`` with ``OffsetTimeOriginal``), read by the
decoder; a picture without one is not taken.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from social.portable.importing.posts import FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive
from social.portable.importing.values import plain
from social.portable.sources.google import OTHERS, PICTURES

# Where captions are looked for: the first bytes of a picture, and a side file of that size.
HEAD = 256 * 1024
_XMP = re.compile(
    rb"<dc:description>.{0,500}?<rdf:li[^>]{0,200}>([^<]{1,20000})</rdf:li>", re.DOTALL
)
_IPTC = b"\x1c\x02\x78"
_UTF8 = b"\x1c\x01\x5a\x00\x03\x1b%G"


class Folder:
    """Pictures without any list of them."""

    name = "Folder of pictures"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether there is a picture."""
        return any(name.lower().endswith(PICTURES) for name in archive.names)

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield the pictures, in the order of their names."""
        for name in archive.names:
            if name.lower().endswith(OTHERS):
                yield Skipped(name, "video")
            elif name.lower().endswith(PICTURES) and not _is_hidden(name):
                yield Post(None, (FoundPicture(name),), _caption(archive, name), by_content=True)


def _is_hidden(name: str) -> bool:
    """Tell whether a file is of the system that packed the archive, as ``__MACOSX/._IMG.jpg``."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _caption(archive: Archive, name: str) -> str:
    for side in (f"{name}.xmp", f"{name.removesuffix(PurePosixPath(name).suffix)}.xmp"):
        if side in archive and (words := xmp_caption(archive.head(side, HEAD))):
            return words
    head = archive.head(name, HEAD)
    return xmp_caption(head) or iptc_caption(head)


def xmp_caption(data: bytes) -> str:
    """Return the description in a packet of XMP, empty if there is none."""
    found = _XMP.search(data)
    return html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""


def iptc_caption(data: bytes) -> str:
    """Return the caption in IPTC records, empty if there is none."""
    at = data.find(_IPTC, max(data.find(b"8BIM\x04\x04"), 0)) if b"8BIM\x04\x04" in data else -1
    if at < 0:
        return ""
    length = int.from_bytes(data[at + 3 : at + 5], "big")
    value = data[at + 5 : at + 5 + length]
    try:
        return plain(value.decode())
    except UnicodeDecodeError:
        return plain(value.decode("utf-8", "replace") if _UTF8 in data else value.decode("latin-1"))
