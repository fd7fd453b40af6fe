"""Painters of what grows: forests, meadows, trees in the snow."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from social.demo.painter import brush
from social.demo.painter.brush import Color, Palette, Points, Size, mix


def forest(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Fir trees in the fog, row behind row."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low])
    image = brush.glow(
        image, (width * rng.uniform(0.3, 0.7), height * 0.2), width * 0.5, light, 0.7
    )
    rows = 5
    for number in range(rows):
        near = (number + 1) / rows
        base = height * (0.55 + 0.42 * near)
        line = brush.ridge(rng, width, base, height * 0.16, 0.45)
        color = mix(low, ground, near**1.3)
        brush.fill_below(image, line, color)
        firs(image, rng, line, height * (0.08 + 0.24 * near**1.5), color)
        image = _fog(image, rng, base, low, 0.75 * (1 - near))
    return image


def meadow(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Flowers in a meadow; near and far ones are out of focus."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, mix(ground, low, 0.5), ground])
    image = brush.textured(image, rng, 6, 0.9)
    image = brush.glow(image, (width * rng.uniform(0.2, 0.8), 0), width * 0.6, light, 0.5)
    for layer in range(7):
        near = layer / 6
        _grass(image, rng, height * (0.5 + 0.5 * near), near, ground)
        _flowers(image, rng, near, (light, low, mix(light, (255, 255, 255), 0.4)))
        blur = abs(near - 0.72) * width / 70
        if layer < 6:
            image = brush.soft(image, blur)
    return image


def winter(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Snow that falls on fir trees."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low])
    for near in (0.3, 0.6, 0.9):
        line = brush.swell(rng, width, height * (0.5 + 0.35 * near), height * 0.05)
        firs(image, rng, line, height * 0.42 * near, mix(low, ground, near))
        mask = brush.mask_below(size, line)
        snow = brush.gradient(size, [light, light, mix(light, top, 0.5)])
        image = Image.composite(brush.textured(snow, rng, 5, 0.4), image, mask)
    flakes = Image.new("L", size, 0)
    draw = ImageDraw.Draw(flakes)
    for _ in range(420):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.8, width / 260)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=rng.randrange(90, 255))
    flakes = flakes.filter(ImageFilter.GaussianBlur(1.6))
    return Image.composite(Image.new("RGB", size, (255, 255, 255)), image, flakes)


def firs(image: Image.Image, rng: random.Random, line: Points, height: float, color: Color) -> None:
    """Plant fir trees along a line."""
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    x = -height * 0.1
    while x < width + height * 0.1:
        place = min(len(line) - 1, max(0, round(x / width * (len(line) - 1))))
        tall = height * rng.uniform(0.5, 1.15)
        _fir(draw, rng, x, line[place][1] + tall * 0.06, tall, color)
        x += height * rng.uniform(0.07, 0.3)


def _fir(
    draw: ImageDraw.ImageDraw, rng: random.Random, x: float, foot: float, tall: float, color: Color
) -> None:
    left, right = [], []
    tiers = 9
    for tier in range(tiers):
        y = foot - tall * (1 - tier / tiers)
        half = tall * 0.19 * (tier + 0.6) / tiers
        left += [(x - half * 0.35, y), (x - half * rng.uniform(0.8, 1.15), y + tall / tiers * 1.1)]
        right += [(x + half * 0.35, y), (x + half * rng.uniform(0.8, 1.15), y + tall / tiers * 1.1)]
    draw.polygon([(x, foot - tall * 1.06), *right, *reversed(left)], fill=color)


def _fog(
    image: Image.Image, rng: random.Random, y: float, color: Color, strength: float
) -> Image.Image:
    """Return the picture with a bank of fog that hangs at a height."""
    _width, height = image.size
    column = [
        strength * 255 * math.exp(-(((row / 64 * height - y) / (height * 0.13)) ** 2))
        for row in range(64)
    ]
    band = Image.new("L", (1, 64))
    band.putdata([round(value) for value in column])
    mask = ImageChops.multiply(
        band.resize(image.size, Image.Resampling.BICUBIC),
        brush.stretched(brush.noise(image.size, rng, 3), 20, 200),
    )
    return Image.composite(Image.new("RGB", image.size, color), image, mask)


def _grass(image: Image.Image, rng: random.Random, base: float, near: float, color: Color) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(260):
        x, tall = rng.uniform(0, width), height * (0.05 + 0.22 * near) * rng.uniform(0.5, 1.2)
        lean = tall * rng.uniform(-0.3, 0.3)
        shade = mix(color, rng.choice(((20, 40, 10), (190, 210, 120))), rng.uniform(0, 0.4))
        thick = 1 + near * width / 500
        foot = base + height * 0.12
        draw.polygon([(x - thick, foot), (x + thick, foot), (x + lean, base - tall)], fill=shade)


def _flowers(image: Image.Image, rng: random.Random, near: float, colors: Sequence[Color]) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(round(46 - 34 * near)):
        x, y = rng.uniform(0, width), height * (0.42 + 0.5 * near + rng.uniform(-0.08, 0.06))
        radius = width * (0.005 + 0.026 * near**1.4) * rng.uniform(0.7, 1.2)
        color = mix(rng.choice(colors), (120, 20, 30), rng.uniform(0, 0.2))
        for petal in range(6):
            turn = petal * 1.05 + near
            px, py = x + math.cos(turn) * radius * 0.7, y + math.sin(turn) * radius * 0.5
            shade = mix(color, (255, 255, 255), 0.12 * (petal % 3))
            draw.ellipse(
                (px - radius * 0.6, py - radius * 0.5, px + radius * 0.6, py + radius * 0.5),
                fill=shade,
            )
        draw.ellipse(
            (x - radius * 0.3, y - radius * 0.22, x + radius * 0.3, y + radius * 0.22),
            fill=(70, 50, 20),
        )
