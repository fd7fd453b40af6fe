"""File formats by their first bytes: those that are accepted, and what else people upload."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Kind:
    """An accepted format: Pillow's name for it, its media type and the suffix of its files."""

    name: str
    mime: str
    suffix: str


JPEG = Kind("JPEG", "image/jpeg", ".jpg")
PNG = Kind("PNG", "image/png", ".png")
WEBP = Kind("WEBP", "image/webp", ".webp")
AVIF = Kind("AVIF", "image/avif", ".avif")
HEIC = Kind("HEIF", "image/heic", ".heic")
HEIF = Kind("HEIF", "image/heif", ".heic")
GIF = Kind("GIF", "image/gif", ".gif")
# The one format whose library may be left out (docs/adr/0005-dependencies.md).
READS_HEIC = find_spec("pillow_heif") is not None
ACCEPTED = (JPEG, PNG, WEBP, AVIF, *((HEIC, HEIF) if READS_HEIC else ()), GIF)
ACCEPTED_TYPES = tuple(kind.mime for kind in ACCEPTED)
# In a sentence.
NAMES = _("JPEG, PNG, WebP, AVIF, HEIC or GIF") if READS_HEIC else _("JPEG, PNG, WebP, AVIF or GIF")
# For the dialogs that choose files: endings that systems may not know as pictures.
ACCEPT = f"image/*,.avif,{'.heic,.heif,.hif,' if READS_HEIC else ''}.mpo"
MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"GIF87a": GIF, b"GIF89a": GIF}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
# Brands of the container alone: the list of compatible brands says what is inside.
CONTAINER_BRANDS = {b"mif1", b"msf1"}


def _raw(kind: str) -> _StrPromise:
    return format_lazy(_("a raw photo ({kind})"), kind=kind)


# What else people take for a picture, and what it is called in a sentence. The first that fits.
JPEG_XL, JPEG_2000, TIFF = _("a JPEG XL picture"), _("a JPEG 2000 picture"), _("a TIFF picture")
OTHER_MAGIC = {
    b"\xff\x0a": JPEG_XL,
    b"\0\0\0\x0cJXL \r\n\x87\n": JPEG_XL,
    b"\0\0\0\x0cjP  \r\n\x87\n": JPEG_2000,
    b"\xff\x4f\xff\x51": JPEG_2000,
    b"II*\0\x10\0\0\0CR": _raw("CR2"),
    b"IIRO": _raw("ORF"),
    b"IIU\0": _raw("RW2"),
    b"FUJIFILMCCD-RAW": _raw("RAF"),
    b"II*\0": TIFF,
    b"MM\0*": TIFF,
    b"II+\0": TIFF,
    b"MM\0+": TIFF,
    b"BM": _("a BMP picture"),
    b"8BPS": _("a Photoshop file"),
    b"%PDF-": _("a PDF document"),
}
# The tag DNGVersion as it stands in the first directory: its number, type and length.
DNG_VERSION = (b"\x12\xc6\1\0\4\0\0\0", b"\xc6\x12\0\1\0\0\0\4")
RAW_BRANDS = {b"crx "}


def kind_of(head: bytes) -> Kind | None:
    """Return the accepted format that the first bytes belong to, or ``None``."""
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] != b"ftyp":
        return None
    brands = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    major, *others = (brands[at : at + 4] for at in range(0, max(len(brands), 1), 4))
    if major in AVIF_BRANDS or (major in CONTAINER_BRANDS and AVIF_BRANDS.intersection(others)):
        return AVIF
    if not READS_HEIC:
        return None
    return HEIC if major in HEIC_BRANDS else HEIF if major in CONTAINER_BRANDS else None


def name_of(head: bytes) -> str:
    """Return what a file that is not accepted is, in words for a sentence; ``""`` if unknown.

    In the language of the moment.
    """
    if head[4:8] == b"ftyp":
        if head[8:12] in HEIC_BRANDS | CONTAINER_BRANDS:
            return gettext("a HEIC picture")
        return str(_raw("CR3")) if head[8:12] in RAW_BRANDS else gettext("a video")
    name = next((name for magic, name in OTHER_MAGIC.items() if head.startswith(magic)), "")
    is_dng = name is TIFF and any(mark in head for mark in DNG_VERSION)
    return str(_raw("DNG") if is_dng else name)
