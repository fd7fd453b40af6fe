#!/usr/bin/env bash
# Pillow 13.0.0 (libavif 1.4.2) shows the pixels that an AVIF's clean aperture cuts off.
#
# Behaviour: an item of 64x64 carries a `clap` property that keeps its left half. Pillow opens it as
# 64x64, and the right half is there to be seen and to be saved again.
#
# Why it surprises: by HEIF (ISO/IEC 23008-12) `clap` is a transformative property, here marked as
# essential: the picture is what is left after cropping. So libheif says 32x64, and Chromium 156 gave
# the same bytes a natural size of 32x64. Pillow does heed `irot`, a property of the same kind: it
# becomes an EXIF orientation. Whoever makes a smaller copy with Pillow publishes what was cropped away.
#
# Seen on 2026-11-30:
#   Pillow 13.0.0, libavif 1.4.2, pillow-heif 1.8.1, libheif 1.23.6
#   irot: Pillow's orientation is 8
#   clap: Pillow 64x64, libheif 32x64, the cut-off half is (255, 0, 1)
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 pillow-heif==1.8.1 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import io
import struct
import sys

import pillow_heif
from PIL import Image, __version__, features

BLUE, RED = (0, 0, 255), (255, 0, 0)


def plain():
    """An AVIF of 64x64, its left half blue and its right half red."""
    picture = Image.new("RGB", (64, 64), RED)
    picture.paste(BLUE, (0, 0, 32, 64))
    file = io.BytesIO()
    picture.save(file, "AVIF", quality=90)
    return file.getvalue()


def with_property(avif, box):
    """Append a property to the only item, as its last one and essential."""
    data = bytearray(avif)
    start = {name: data.index(name) - 4 for name in (b"meta", b"iprp", b"ipco", b"ipma", b"iloc")}
    sizes = {name: struct.unpack_from(">I", data, at)[0] for name, at in start.items()}
    grown = {b"meta": len(box) + 1, b"iprp": len(box) + 1, b"ipco": len(box), b"ipma": 1, b"iloc": 0}
    for name, at in start.items():
        struct.pack_into(">I", data, at, sizes[name] + grown[name])
    # The only extent of the only item: its offset in the file moves by what is added before it.
    extent = start[b"iloc"] + 22
    struct.pack_into(">I", data, extent, struct.unpack_from(">I", data, extent)[0] + len(box) + 1)
    associations = start[b"ipma"] + 18
    data[associations] += 1
    end = start[b"ipma"] + sizes[b"ipma"]
    data[end:end] = bytes([0x80 | data[associations]])
    data[start[b"ipma"] : start[b"ipma"]] = box  # the end of `ipco`
    return bytes(data)


# Width 32, height 64, the centre 16 to the left of the middle, 0 below it.
clap = struct.pack(">I4sIIIIiIiI", 40, b"clap", 32, 1, 64, 1, -16, 1, 0, 1)
irot = struct.pack(">I4sB", 9, b"irot", 1)
libheif = pillow_heif.libheif_info()["libheif"]
print(f"Pillow {__version__}, libavif {features.version('avif')},", end=" ")
print(f"pillow-heif {pillow_heif.__version__}, libheif {libheif}")
turned = Image.open(io.BytesIO(with_property(plain(), irot))).getexif().get(0x0112)
print(f"irot: Pillow's orientation is {turned}")

cropped = with_property(plain(), clap)
picture = Image.open(io.BytesIO(cropped))
other = pillow_heif.open_heif(io.BytesIO(cropped)).size
sizes = "Pillow {}x{}, libheif {}x{}".format(*picture.size, *other)
if (picture.size, other) != ((64, 64), (32, 64)):
    sys.exit(f"This has changed: {sizes}.")
print(f"clap: {sizes}, the cut-off half is {picture.getpixel((60, 32))}")
PYTHON
