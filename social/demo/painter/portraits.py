"""Avatars for the demo: faces of simple shapes, reproducible by number."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from social.demo.painter.brush import Color, gradient, mix, rgb

SIDE = 512
SKIN = ("f6d7c0", "e8b894", "c98f68", "9c6644", "6f4530", "f0c8a8")
HAIR = ("2a1d18", "5a3a24", "a8703a", "d8b060", "1a1a1f", "8a8a90", "7a2e22")
CLOTHES = ("2f5f8a", "b0483a", "3a7a5a", "d89a3a", "5a4a8a", "d0d4d8", "2a2f38")
GROUNDS = (
    "f3b58a e8788a",
    "8ac4d8 4a7ab0",
    "b8d8a0 5aa08a",
    "f0d890 e0a050",
    "c8b0e0 8068b8",
    "f0c0c8 c87898",
    "a8b8c8 68788c",
)


def portrait(number: int) -> Image.Image:
    """Return the square portrait of that number."""
    rng = random.Random(f"portrait {number}")
    large = SIDE * 2
    top, bottom = GROUNDS[number % len(GROUNDS)].split()
    image = gradient((large, large), [rgb(top), rgb(bottom)])
    skin, hair = rgb(SKIN[(number * 5 + 1) % len(SKIN)]), rgb(HAIR[(number * 3) % len(HAIR)])
    cloth = rgb(CLOTHES[(number * 2 + 3) % len(CLOTHES)])
    draw = ImageDraw.Draw(image)
    long_hair = number % 2 == 1
    if long_hair:
        _ellipse(draw, (0.5, 0.52), (0.27, 0.33), hair)
    _body(draw, skin, cloth)
    _face(draw, skin, rng)
    _hair(draw, hair, number)
    if number % 4 == 2:
        _glasses(draw)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _ellipse(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: tuple[float, float], color: Color
) -> None:
    """Paint an ellipse; centre and radii are shares of the side."""
    (x, y), (across, down), side = at, radius, SIDE * 2
    box = ((x - across) * side, (y - down) * side, (x + across) * side, (y + down) * side)
    draw.ellipse(box, fill=color)


def _body(draw: ImageDraw.ImageDraw, skin: Color, cloth: Color) -> None:
    _ellipse(draw, (0.5, 1.08), (0.38, 0.32), cloth)
    _ellipse(draw, (0.5, 0.78), (0.13, 0.1), mix(skin, (0, 0, 0), 0.18))
    side = SIDE * 2
    box = (side * 0.42, side * 0.6, side * 0.58, side * 0.78)
    draw.rectangle(box, fill=mix(skin, (0, 0, 0), 0.18))


def _face(draw: ImageDraw.ImageDraw, skin: Color, rng: random.Random) -> None:
    for side in (-1, 1):
        _ellipse(draw, (0.5 + side * 0.2, 0.5), (0.035, 0.05), mix(skin, (0, 0, 0), 0.1))
    _ellipse(draw, (0.5, 0.48), (0.2, 0.245), skin)
    for side in (-1, 1):
        _ellipse(draw, (0.5 + side * 0.078, 0.47), (0.02, 0.024), (40, 30, 30))
        _ellipse(draw, (0.5 + side * 0.072, 0.463), (0.006, 0.007), (255, 255, 255))
        _ellipse(draw, (0.5 + side * 0.12, 0.56), (0.034, 0.024), mix(skin, (230, 90, 80), 0.28))
        _arc(
            draw,
            (0.5 + side * 0.078, 0.43),
            (0.04, 0.022),
            (200, 340),
            mix(skin, (30, 20, 20), 0.65),
        )
    _arc(draw, (0.5, 0.53), (0.022, 0.016), (20, 160), mix(skin, (60, 20, 10), 0.4))
    smile = rng.uniform(0.055, 0.08)
    _arc(draw, (0.5, 0.59), (smile, smile * 0.75), (15, 165), mix(skin, (150, 30, 40), 0.7))


def _arc(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    radius: tuple[float, float],
    angles: tuple[int, int],
    color: Color,
) -> None:
    (x, y), (across, down), side = at, radius, SIDE * 2
    box = ((x - across) * side, (y - down) * side, (x + across) * side, (y + down) * side)
    draw.arc(box, *angles, fill=color, width=10)


def _hair(draw: ImageDraw.ImageDraw, hair: Color, number: int) -> None:
    """Paint one of three cuts: smooth, parted or curly."""
    side = SIDE * 2
    if number % 3 == 2:
        for step in range(11):
            turn = math.pi * (1.02 + 0.96 * step / 10)
            at = 0.5 + math.cos(turn) * 0.19, 0.42 + math.sin(turn) * 0.2
            _ellipse(draw, at, (0.072, 0.072), hair)
        return
    box = (side * 0.285, side * 0.2, side * 0.715, side * 0.62)
    draw.chord(box, 188 if number % 3 else 198, 352 if number % 3 else 330, fill=hair)
    if number % 3 == 1:
        _ellipse(draw, (0.41, 0.3), (0.12, 0.08), hair)


def _glasses(draw: ImageDraw.ImageDraw) -> None:
    for side in (-1, 1):
        _arc(draw, (0.5 + side * 0.085, 0.475), (0.062, 0.055), (0, 360), (40, 40, 48))
    _arc(draw, (0.5, 0.475), (0.028, 0.02), (200, 340), (40, 40, 48))
