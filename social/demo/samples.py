"""The few picture files that all photos of the large data set share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from photos import images
from photos.files import SHARED_PREFIX

# Colours at the top and at the bottom of the sky, and of the hills before it; size.
PICTURES: Sequence[tuple[str, str, str, tuple[int, int]]] = (
    ("#2b5876", "#f3a683", "#20303c", (1600, 1067)),
    ("#141e30", "#8e6f9e", "#0c1018", (1200, 1600)),
    ("#56a3d9", "#e8f4fb", "#3f6b45", (1600, 1600)),
    ("#d9a25f", "#fbeec1", "#7a4a2b", (1600, 900)),
    ("#1f4037", "#99f2c8", "#11231e", (1280, 1600)),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored picture, in the columns of a photo's row."""

    alt_text: str
    width: int
    height: int
    placeholder: str
    original: str
    renditions: list[tuple[int, int, str]]


def stored_samples() -> list[Sample]:
    """Return the sample pictures, stored below ``SHARED_PREFIX`` unless they are there already.

    Each has the sizes that an upload has. Costs about two seconds.
    """
    return [_sample(number) for number in range(len(PICTURES))]


def _sample(number: int) -> Sample:
    content = BytesIO()
    _paint(number).save(content, "JPEG", quality=85)
    processed = images.process(content)
    return Sample(
        alt_text="Hills below an evening sky.",
        width=processed.width,
        height=processed.height,
        placeholder=processed.placeholder,
        original=_store(content.getvalue(), "jpeg"),
        renditions=[
            (size.width, size.height, _store(size.data, "webp")) for size in processed.renditions
        ],
    )


def _store(data: bytes, suffix: str) -> str:
    """Return the storage name of a file: the hash of its content. Saved unless it is there."""
    name = f"{SHARED_PREFIX}{hashlib.sha256(data).hexdigest()[:32]}.{suffix}"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(data))


def _paint(number: int) -> Image.Image:
    top, bottom, ground, size = PICTURES[number]
    width, height = size
    fade = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), fade)
    draw = ImageDraw.Draw(picture)
    for hill in range(3):
        left = width * (hill * 2 - 2 + number % 2) // 5
        box = (left, height * (6 + hill) // 9, left + width, height * (14 + hill) // 9)
        draw.ellipse(box, fill=ground)
    return picture
