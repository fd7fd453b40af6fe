"""What EXIF says of the camera: its name, lens, exposure and the moment, as printable text."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

# As EXIF has it, and as phones and editors write it. strptime takes 5 ms to import.
MOMENT = r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?(?:[.,]\d*)?"
OFFSET = r"[+-](?:0\d|1[0-4]):[0-5]\d"
WRITTEN = ExifTags.Base.DateTime
# Where the moment stands, and its offset from UTC: taken, digitized, written.
MOMENTS = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    (WRITTEN, ExifTags.Base.OffsetTime),
)
# Where a sensitivity stands for which two bytes are too few: 65535 is what these cannot hold.
LARGE_ISO = (
    ExifTags.Base.ISOSpeed,
    ExifTags.Base.RecommendedExposureIndex,
    ExifTags.Base.StandardOutputSensitivity,
)
MAX_SHORT = 65535
# The types of texts, the second that of EXIF 3.0.
ASCII, UTF_8 = 2, 129
MAX_NOTE_LENGTH = 100  # of what a camera says of itself


def camera_of(file: ImageFile) -> dict[str, str]:
    """Return EXIF's "camera", "lens", "exposure" and "taken", as far as they are there.

    The place is never read. Broken EXIF and values that no camera means are left out.
    """
    if not (block := file.info.get("exif")):
        return {}
    try:
        read_texts_of_exif_3()
        exif = Image.Exif()  # what the plugin has read already, it read without them
        exif.load(block)
        make, model = note(exif.get(ExifTags.Base.Make)), note(exif.get(ExifTags.Base.Model))
        details = exif.get_ifd(ExifTags.IFD.Exif)
        notes = {
            "camera": camera_name(make, model),
            "lens": note(details.get(ExifTags.Base.LensModel)),
            "exposure": exposure(details),
            "taken": moment({**details, WRITTEN: exif.get(WRITTEN)}),
        }
    except Exception:  # noqa: BLE001 - broken EXIF is common, and raises in a dozen ways
        return {}
    return {name: value for name, value in notes.items() if value}


def read_texts_of_exif_3() -> None:
    """Teach Pillow the type of UTF-8 texts: it drops values of types that it does not know."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    reads = ImageFileDirectory_v2._load_dispatch
    reads[UTF_8] = reads[ASCII]


def note(value: object) -> str:
    """Return a text of EXIF fit to be shown: one line, printable, not long.

    Pillow reads it as Latin-1; cameras that write more than ASCII write UTF-8.
    """
    if not isinstance(value, str):
        return ""
    value = value[: 40 * MAX_NOTE_LENGTH].split("\0")[0]
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode()
    printable = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(printable.split())[:MAX_NOTE_LENGTH].rstrip()


def camera_name(make: str, model: str) -> str:
    """Return make and model; many models begin with the make: "Canon", "Canon EOS R6"."""
    brand = make.partition(" ")[0].lower()
    parts = [model] if brand and model.lower().startswith(brand) else [make, model]
    return " ".join(part for part in parts if part)[:MAX_NOTE_LENGTH].rstrip()


def exposure(details: dict[int, Any]) -> str:
    """Return time, aperture, sensitivity and focal length, as many as there are."""
    seconds = number(details.get(ExifTags.Base.ExposureTime), least=0.00001)
    aperture = number(details.get(ExifTags.Base.FNumber), least=0.5)
    iso = sensitivity(details)
    length = number(details.get(ExifTags.Base.FocalLength))
    parts = []
    if seconds:
        # From a quarter of a second down cameras count in parts of one.
        whole = 1 / seconds if seconds < 0.3 else 0
        parts.append(f"1/{whole:.0f} s" if whole else f"{seconds:.1f}".removesuffix(".0") + " s")
    if aperture:
        parts.append("f/" + f"{aperture:.1f}".removesuffix(".0"))
    if iso:
        parts.append(f"ISO {iso:.0f}")
    if length:
        parts.append(f"{length:.1f}".removesuffix(".0") + " mm")
    return ", ".join(parts)


def sensitivity(details: dict[int, Any]) -> float:
    """Return the ISO value; 0 for none, and for one that is only known to be large."""
    iso = number(details.get(ExifTags.Base.ISOSpeedRatings))
    if iso and iso != MAX_SHORT:
        return iso
    values = (number(details.get(tag)) for tag in LARGE_ISO)
    return next((value for value in values if value), 0)


def number(value: Any, least: float = 1) -> float:
    """Return a number of EXIF; 0 for none, and for one that no camera means."""
    if isinstance(value, tuple):
        value = value[0] if value else 0
    try:
        value = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return 0
    return value if math.isfinite(value) and least <= value < 10_000_000 else 0


def moment(notes: dict[int, Any]) -> str:
    """Return when the picture was taken, in ISO 8601, with its offset from UTC if that is known.

    Some phones and scanners know only when it was digitized or written.
    """
    for tag, offset_tag in MOMENTS:
        if taken := without_offset(note(notes.get(tag))):
            offset = note(notes.get(offset_tag)) or note(notes.get(ExifTags.Base.OffsetTime))
            offset = "+00:00" if offset == "Z" else offset
            return taken + (offset if re.fullmatch(OFFSET, offset, re.ASCII) else "")
    return ""


def without_offset(words: str) -> str:
    """Return a moment of EXIF in ISO 8601; ``""`` for what is none."""
    if not (parts := re.fullmatch(MOMENT, words, re.ASCII)):
        return ""
    from datetime import datetime

    try:
        return datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*parts.groups("00"))).isoformat()
    except ValueError:  # "0000:00:00 00:00:00" is what cameras write whose clock is not set
        return ""
