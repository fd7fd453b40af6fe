"""What the largest accepted pictures take from the machine: memory and CPU time of the decoder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photos import images, refusals
from tests.photos import image_files, odd_files

# Memory of a child is counted from what its parent held when it was started, so a small process
# stands between the tests and the decoder.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([json.loads(done.stdout), used.ru_maxrss / 1024, used.ru_utime + used.ru_stime]))
"""
SIDE = 7106  # 50.5 megapixels, the default limit


def measured(folder: Path, kind: str, data: bytes) -> tuple[dict[str, Any], float, float]:
    """Run the decoder; return its answer, its most megabytes and its seconds of CPU."""
    (folder / "source").write_bytes(data)
    job = {
        "kind": kind,
        "source": "source",
        "result": "result",
        "widths": images.PHOTO_WIDTHS,
        "preview": images.PREVIEW_LIMITS,
        "square": False,
        "turn": 0,
        "crop": [],
        "min_side": refusals.MIN_SIDE,
        "max_ratio": refusals.MAX_RATIO,
        "max_pixels": 50_500_000,
        "memory": images.MEMORY_LIMIT,
        "seconds": images.CPU_SECONDS,
    }
    program = [sys.executable, "-I", str(images.DECODER), json.dumps(job)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", MEASURE, *program],
        cwd=folder,
        env=images.DECODER_ENVIRONMENT,
        stdout=subprocess.PIPE,
        check=True,
    )
    answer, megabytes, seconds = json.loads(done.stdout)
    return answer, megabytes, seconds


def large(mode: str) -> Image.Image:
    """Return a picture of the default limit with something in it."""
    gradient = Image.linear_gradient("L").resize((SIDE, SIDE))
    if mode == "I;16":
        return gradient.convert("I").point(lambda value: value * 257).convert("I;16")
    bands = {"RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    return Image.merge(mode, [gradient] * bands)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", {"progressive": True}),
        ("PNG", "RGB", {"compress_level": 1}),
        ("PNG", "RGB", {"compress_level": 1, "transparency": (1, 2, 3)}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("PNG", "I;16", {"compress_level": 1, "transparency": 512}),
    ],
    ids=["JPEG", "progressive", "CMYK", "PNG", "transparent colour", "alpha", "16 bits"],
)
def test_the_largest_picture_stays_below_600_megabytes(
    kind: str, mode: str, options: dict[str, Any], tmp_path: Path
) -> None:
    answer, megabytes, seconds = measured(
        tmp_path, kind, image_files.encoded(large(mode), kind, **options)
    )
    assert answer["width"] == SIDE
    assert megabytes < 600
    assert seconds < images.CPU_SECONDS / 2


@pytest.mark.slow
def test_a_png_of_16_bits_with_a_transparent_colour_stays_below_it_too(tmp_path: Path) -> None:
    row = bytes(range(250)) * (6 * SIDE // 250 + 1)
    colour = (b"tRNS", b"\0\1\2\3\4\5")
    data = odd_files.raw_png((SIDE, SIDE), 16, 2, row[: 6 * SIDE], colour)
    answer, megabytes, _ = measured(tmp_path, "PNG", data)
    assert answer["width"] == SIDE
    assert megabytes < 600


@pytest.mark.slow
def test_a_jpeg_without_its_end_marker_stays_below_it_too(tmp_path: Path) -> None:
    data = image_files.encoded(large("RGB"), quality=60, progressive=True)
    answer, megabytes, seconds = measured(tmp_path, "JPEG", data[:-2])
    assert answer["width"] == SIDE
    assert megabytes < 600
    assert seconds < images.CPU_SECONDS / 2


def test_a_picture_of_12_megapixels_takes_a_fraction_of_a_second(tmp_path: Path) -> None:
    picture = image_files.detailed(500, 500).resize((4000, 3000))
    _, megabytes, seconds = measured(tmp_path, "JPEG", image_files.encoded(picture, quality=90))
    assert megabytes < 100
    assert seconds < 1.5  # measured: 0.3; other programs may run beside
