#!/usr/bin/env bash
# Pillow 13.0.0 scales the pixels of a grey PNG of 2 or 4 bits, but not its transparent value.
#
# Behaviour: such a file opens in mode L with pixels scaled to 0..255 (1 becomes 85 or 17), while
# info["transparency"] keeps the unscaled sample of the tRNS chunk (1). Converted to RGBA, nothing is
# transparent. A file of 8 bits is right, and so is one of 1 bit.
#
# Why it surprises: by the PNG specification tRNS holds a grey sample in the depth of the image, so
# value and pixels belong to one scale. Pillow does convert the value for 1 bit, and is silent here.
#
# Seen on 2026-11-30:
#   Pillow 13.0.0
#   1 bit: mode 1, transparency 255, alpha of the transparent pixel 0
#   2 bits: mode L, pixels [0, 85, 170, 255], transparency 1, alpha of the transparent pixel 255
#   4 bits: mode L, pixels [0, 17, 34, 51], transparency 1, alpha of the transparent pixel 255
#   8 bits: mode L, pixels [0, 1, 2, 3], transparency 1, alpha of the transparent pixel 0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import io
import struct
import sys
import zlib

from PIL import Image, __version__


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def grey(bits):
    """One row of four pixels, 0 to 3 (0 and 1 in turn at 1 bit); the grey of value 1 is transparent."""
    samples = [number % 2**bits for number in range(4)]
    row = int("".join(f"{sample:0{bits}b}" for sample in samples).ljust(8, "0"), 2)
    header = struct.pack(">IIBBBBB", 4, 1, bits, 0, 0, 0, 0)
    pixels = b"\0" + row.to_bytes(max(1, bits // 2), "big")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", header),
            chunk(b"tRNS", struct.pack(">H", 1)),
            chunk(b"IDAT", zlib.compress(pixels)),
            chunk(b"IEND", b""),
        ]
    )


print(f"Pillow {__version__}")
alpha = {}
for bits in (1, 2, 4, 8):
    picture = Image.open(io.BytesIO(grey(bits)))
    alpha[bits] = picture.convert("RGBA").getpixel((1, 0))[3]
    pixels = f", pixels {list(picture.tobytes())}" if picture.mode == "L" else ""
    print(
        f"{bits} bit{'s' * (bits > 1)}: mode {picture.mode}{pixels},"
        f" transparency {picture.info['transparency']}, alpha of the transparent pixel {alpha[bits]}"
    )
if alpha != {1: 0, 2: 255, 4: 255, 8: 0}:
    sys.exit(f"This has changed: the alpha of the transparent pixel by depth is now {alpha}.")
PYTHON
