#!/usr/bin/env bash
# ImageHash 4.3.2 gives a clear sky, a sunset and a blank sheet perceptual hashes that count as one picture.
#
# Behaviour: phash() of a plain picture has one bit set of 64, whatever the colour, and none for black. Smooth
# scenes, here a blue sky that gets lighter downward and a red dusk that gets darker, are 2 and 6 bits away
# from a white sheet and 6 from each other. Of a textured picture a copy at half the size is 2 bits
# away, and another one of the kind 32.
#
# Why it surprises: distances up to 8 or 10 bits are what one takes for "the same picture again". Such a
# hash compares each frequency with the median of all. Where a picture has next to no frequencies the median
# is nearly 0, and most bits say nothing. Whoever refuses what looks like a banned picture, and bans one that
# is nearly blank, refuses skies and sunsets. A hash with few bits set must not be matched by distance.
#
# Seen on 2026-11-30:
#   ImageHash 4.3.2, Pillow 13.0.0
#   bits set: white 1, red 1, black 0, sky 3, dusk 7
#   apart: sky and white 2, dusk and white 6, sky and dusk 6
#   textured: a smaller copy 2, another picture 32
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imagehash==4.3.2 pillow==13.0.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import random
import sys

import imagehash
from PIL import Image, ImageFilter, __version__


def vertical(shade):
    """A picture of 640 x 480 whose rows have one colour each."""
    column = Image.new("RGB", (1, 480))
    column.putdata([shade(row) for row in range(480)])
    return column.resize((640, 480))


def textured(seed):
    """A picture of blurred noise, with detail at all scales."""
    noise = Image.new("L", (640, 480))
    noise.putdata(random.Random(seed).choices(range(256), k=640 * 480))
    return noise.filter(ImageFilter.GaussianBlur(12)).point(lambda value: (value - 118) * 12)


plain = {name: Image.new("RGB", (640, 480), name) for name in ("white", "red", "black")}
scenes = {
    "sky": vertical(lambda row: (90 + row // 6, 140 + row // 6, 220)),
    "dusk": vertical(lambda row: (250 - row // 3, 120 - row // 6, 60)),
}
hashes = {name: imagehash.phash(picture) for name, picture in (plain | scenes).items()}
bits = {name: int(value.hash.sum()) for name, value in hashes.items()}
pairs = [("sky", "white"), ("dusk", "white"), ("sky", "dusk")]
apart = {pair: int(hashes[pair[0]] - hashes[pair[1]]) for pair in pairs}

print(f"ImageHash {imagehash.__version__}, Pillow {__version__}")
print("bits set: " + ", ".join(f"{name} {count}" for name, count in bits.items()))
print("apart: " + ", ".join(f"{one} and {other} {count}" for (one, other), count in apart.items()))

first, second = textured(1), textured(2)
copy = int(imagehash.phash(first) - imagehash.phash(first.resize((320, 240))))
other = int(imagehash.phash(first) - imagehash.phash(second))
print(f"textured: a smaller copy {copy}, another picture {other}")

if max(apart.values()) > 8 or max(bits.values()) > 8:
    sys.exit(f"This has changed: {bits}, {apart}.")
if copy > 2 or other < 16:
    sys.exit(f"The comparison with textured pictures no longer holds: {copy} and {other}.")
PYTHON
