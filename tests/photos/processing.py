"""Short ways for the tests to upload a picture and to look at what became of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from photos import images
from photos.images import ProcessedImage, Rendition
from photos.refusals import ImageRejected


def process(data: bytes) -> ProcessedImage:
    return images.process(io.BytesIO(data))


def avatar(data: bytes) -> ProcessedImage:
    return images.process_avatar(io.BytesIO(data))


def shown(rendition: Rendition) -> Image.Image:
    picture = Image.open(io.BytesIO(rendition.data), formats=["WEBP"])
    picture.load()
    return picture


def served(data: bytes) -> Image.Image:
    return shown(process(data).renditions[-1])


def grey_at(picture: Image.Image, x: int, y: int) -> int:
    return int(picture.convert("L").getpixel((x, y)))  # type: ignore[arg-type]


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRejected) as caught:
        process(data)
    assert caught.value.message.endswith(".")
    return caught.value.code
