"""Scenes: the demo's photos, reproducible by number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from social.demo.painter.brush import Size, develop, rgb
from social.demo.painter.motifs import MOTIFS

SIZES: Sequence[Size] = (
    (1200, 800),
    (960, 1280),
    (1080, 1080),
    (1200, 900),
    (900, 1200),
    (1500, 640),
    (1200, 800),
    (960, 1200),
)
# Painted larger than needed, so that edges are smooth.
OVERSIZE = 1.2


@dataclass(frozen=True, slots=True)
class Scene:
    """One photo to paint: a motif in certain colours and a size, with caption and description."""

    number: int
    motif: str
    colors: str
    size: Size
    caption: str
    alt_text: str
    # How many scenes before have this motif.
    turn: int = 0


def scenes(count: int) -> list[Scene]:
    """Return the first ``count`` scenes: all motifs in turn, then again in other colours."""
    return [_scene(number) for number in range(count)]


def paint(scene: Scene) -> Image.Image:
    """Return the painted scene. Costs about 0.3 s of CPU."""
    rng = random.Random(f"{scene.motif} {scene.number}")
    canvas = round(scene.size[0] * OVERSIZE), round(scene.size[1] * OVERSIZE)
    palette = [rgb(code) for code in scene.colors.split()]
    return develop(MOTIFS[scene.motif].paint(rng, canvas, palette), rng, scene.size)


def _scene(number: int) -> Scene:
    names = list(MOTIFS)
    name = names[number % len(names)]
    motif = MOTIFS[name]
    turn = number // len(names)
    return Scene(
        number=number,
        motif=name,
        colors=motif.colors[turn % len(motif.colors)],
        size=SIZES[(number * 3 + turn) % len(SIZES)],
        caption=motif.captions[turn % len(motif.captions)],
        alt_text=motif.alt_text,
        turn=turn,
    )
