#!/usr/bin/env bash
# Pillow 13.0.0 drops the EXIF texts that are stored as UTF-8, the type 129 of EXIF 3.0.
#
# Behaviour: a JPEG has a description of type 129 and an orientation. getexif() returns the orientation
# alone, without a warning, and the text is gone from a copy saved with exif=picture.getexif().
#
# Why it surprises: EXIF 3.0 (2023) added the type so that texts outside of ASCII have a right place.
# A camera or editor that follows it loses author, copyright and description, while the older habit of
# UTF-8 bytes in an ASCII field (type 2) is read, though as Latin-1. A debug line in a log is all there is.
#
# Seen on 2026-11-30:
#   Pillow 13.0.0
#   type 2 (ASCII): read as {274: 6, 270: 'A cafe'}, in the copy: True
#   type 129 (UTF-8): read as {274: 6}, in the copy: False
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import io
import struct
import sys
import warnings

from PIL import Image, __version__

DESCRIPTION, ORIENTATION, SHORT = 0x010E, 0x0112, 3


def jpeg(kind, text):
    """A JPEG whose EXIF holds a description of this type and an orientation."""
    after = 8 + 2 + 2 * 12 + 4
    exif = b"Exif\0\0" + b"".join(
        [
            b"II*\0" + struct.pack("<IH", 8, 2),
            struct.pack("<HHII", DESCRIPTION, kind, len(text), after),
            struct.pack("<HHIHH", ORIENTATION, SHORT, 1, 6, 0),
            struct.pack("<I", 0) + text,
        ]
    )
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=exif)
    return file.getvalue()


warnings.simplefilter("error")
print(f"Pillow {__version__}")
kept = {}
for kind, name, text in ((2, "ASCII", "A cafe"), (129, "UTF-8", "A café")):
    stored = text.encode() + b"\0"
    original = jpeg(kind, stored)
    assert stored in original
    picture = Image.open(io.BytesIO(original))
    exif = picture.getexif()
    seen = dict(exif)
    copy = io.BytesIO()
    picture.save(copy, "JPEG", exif=exif)
    kept[kind] = (DESCRIPTION in seen, stored in copy.getvalue())
    print(f"type {kind} ({name}): read as {seen}, in the copy: {kept[kind][1]}")
if kept != {2: (True, True), 129: (False, False)}:
    sys.exit(f"This has changed: read and copied, by type, is now {kept}.")
PYTHON
