"""Painters of landscapes: mountains, lakes, seas, deserts.

Each painter takes a source of chance, a size and a palette of five colours: the sky from its top
to the horizon, the light, and the ground.
"""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from social.demo.painter import brush
from social.demo.painter.brush import Color, Palette, Points, Size, mix
from social.demo.painter.skies import clouds


def mountains(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Ranges of mountains, each fainter in the haze than the one before it."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low])
    sun = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.3, 0.42)
    image = brush.glow(image, sun, width * 0.45, light, 0.8)
    image = clouds(image, rng, light, 0.35)
    count = 6
    far = mix(middle, low, 0.45)
    for number in range(count):
        near = (number + 1) / count
        base = height * (0.42 + 0.5 * near**1.1)
        line = brush.peaks(rng, width, base, height * (0.3 - 0.17 * near))
        image = brush.hazy_range(
            image, line, mix(far, ground, near**1.2), mix(low, light, 0.25), near
        )
    return brush.textured(image, rng, 9, 0.5)


def lake(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Mountains and their reflection in a still lake."""
    width, height = size
    horizon = round(height * rng.uniform(0.55, 0.62))
    above = mountains(rng, (width, round(horizon * 1.16)), palette).crop((0, 0, width, horizon))
    image = Image.new("RGB", size)
    image.paste(above)
    line = brush.ridge(rng, width, horizon - height * 0.012, height * 0.02, 0.7)
    shore = [(x, min(y, horizon - 2)) for x, y in line]
    draw = ImageDraw.Draw(image)
    draw.polygon([*shore, (width, horizon), (0, horizon)], fill=mix(palette[4], (0, 0, 0), 0.4))
    return brush.reflected(image, rng, horizon, mix(palette[0], palette[4], 0.6))


def sea(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """The sun low over the sea, and its path upon the water."""
    top, middle, low, light, ground = palette
    width, height = size
    horizon = round(height * rng.uniform(0.52, 0.66))
    image = Image.new("RGB", size)
    image.paste(brush.gradient((width, horizon), [top, middle, low]))
    image = clouds(image, rng, mix(light, low, 0.4), 0.75)
    at = width * rng.uniform(0.25, 0.75), horizon - height * rng.uniform(0.03, 0.13)
    image = brush.glow(image, at, width * 0.5, light, 0.9)
    brush.disc(image, at, width * 0.028, mix(light, (255, 255, 255), 0.75))
    image = brush.glow(image, at, width * 0.1, light)
    image = brush.reflected(image, rng, horizon, ground)
    return _glitter(image, rng, at[0], horizon, mix(light, (255, 255, 255), 0.5))


def dunes(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Dunes with one side in the sun and the other in shadow."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low])
    count = 5
    for number in range(count):
        near = number / (count - 1)
        base = height * (0.48 + 0.42 * near)
        line = brush.swell(rng, width, base, height * (0.05 + 0.06 * near))
        mask = brush.mask_below(size, line)
        lit, dark = mix(low, light, 0.4 + 0.5 * near), mix(low, ground, 0.35 + 0.6 * near)
        sand = brush.gradient(size, [lit, lit, mix(lit, dark, 0.7), dark])
        shade = _crest_shadow(rng, size, line, height * (0.1 + 0.25 * near))
        sand = Image.composite(Image.new("RGB", size, dark), sand, shade)
        image = Image.composite(_sand_ripples(sand, rng, near), image, mask)
    return image


def _crest_shadow(rng: random.Random, size: Size, line: Points, depth: float) -> Image.Image:
    """Return the mask of the slopes that lie in shadow: from each crest down to one side."""
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    peaks = [n for n in range(4, len(line) - 4) if line[n - 4][1] > line[n][1] < line[n + 4][1]]
    for peak in peaks:
        x, y = line[peak]
        end = min(len(line) - 1, peak + rng.randrange(26, 46))
        foot = [
            (x + depth * (0.35 * math.sin(step / 3) - 0.1 * step), y + depth * step / 5)
            for step in range(12)
        ]
        draw.polygon([*line[peak : end + 1], *reversed(foot)], fill=190)
    return brush.soft(mask, size[0] / 700)


def _sand_ripples(sand: Image.Image, rng: random.Random, near: float) -> Image.Image:
    """Return the sand with the fine lines that the wind draws."""
    width, height = sand.size
    lines = brush.noise((max(64, width // 6), height * 2), rng, 6, 5).resize(sand.size)
    shaded = ImageChops.soft_light(sand, lines.convert("RGB"))
    return Image.blend(sand, shaded, 0.25 + 0.3 * near)


def _glitter(
    image: Image.Image, rng: random.Random, x: float, horizon: int, color: Color
) -> Image.Image:
    """Return the picture with the sun's path of glittering waves."""
    width, height = image.size
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(1100):
        near = rng.random() ** 1.5
        y = horizon + near * (height - horizon)
        wide = width * (0.015 + 0.08 * near)
        at, length = x + rng.gauss(0, 1) * wide, width * rng.uniform(0.002, 0.016) * (0.5 + near)
        thick = 1 + near * 3
        draw.ellipse(
            (at - length, y - thick / 2, at + length, y + thick / 2), fill=rng.randrange(70, 220)
        )
    mask = mask.filter(ImageFilter.GaussianBlur(1.2))
    return Image.composite(Image.new("RGB", image.size, color), image, mask)
