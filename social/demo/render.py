"""Rendering the demo's pictures: painted or photographs, then processed as uploads are."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import TypeVar

import django
from PIL import Image

from photos import images
from social.demo.painter.portraits import portrait
from social.demo.painter.scenes import Scene, paint
from social.demo.photographs import Cut, opened

Job = TypeVar("Job")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the JPEG to keep as the original, and what is served of it."""

    original: bytes
    processed: images.ProcessedImage


def render_photo(shown: Scene | Cut) -> Picture:
    """Return a scene or a photograph, processed as an upload. About 0.6 s of CPU."""
    original = _jpeg(opened(shown) if isinstance(shown, Cut) else paint(shown))
    return Picture(original, images.process(BytesIO(original)))


def render_avatar(shown: int | Cut) -> Picture:
    """Return the painted portrait of that number, or a photograph, processed as an avatar."""
    original = _jpeg(opened(shown) if isinstance(shown, Cut) else portrait(shown))
    return Picture(original, images.process_avatar(BytesIO(original)))


def rendered(
    render: Callable[[Job], Picture], jobs: Sequence[Job], workers: int
) -> Iterator[Picture]:
    """Yield the pictures of ``jobs`` in order, made by ``workers`` processes (0: by this one)."""
    if not workers:
        yield from map(render, jobs)
        return
    # Spawned, not forked: a child shares neither database connections nor the lease on ids.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=django.setup) as pool:
        yield from pool.map(render, jobs)


def _jpeg(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "JPEG", quality=90)
    return content.getvalue()
