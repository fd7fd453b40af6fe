"""Painters of what people build and light: skylines, facades, lamps, balloons."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from social.demo.painter import brush
from social.demo.painter.brush import Color, Palette, Size, mix
from social.demo.painter.skies import clouds, stars


def skyline(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """A city after sunset, mirrored in the water before it."""
    top, middle, low, light, ground = palette
    width, height = size
    horizon = round(height * 0.68)
    image = stars(brush.gradient(size, [top, top, middle, low, low]), rng, 250)
    image = brush.glow(image, (width * rng.uniform(0.3, 0.7), horizon), width * 0.6, light, 0.55)
    image = clouds(image, rng, mix(middle, low, 0.5), 0.4)
    for near in (0.5, 0.75, 1.0):
        _houses(image, rng, horizon, near, (mix(low, ground, near), light))
    lamps = brush.soft(image, width / 110)
    image = ImageChops.screen(image, lamps.point([round(v * 0.35) for v in range(256)] * 3))
    return brush.reflected(image, rng, horizon, ground)


def facade(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """The front of a modern house, seen from below: bands of glass that reflect the sky."""
    top, middle, low, light, ground = palette
    width, _height = size
    image = brush.gradient(size, [top, middle, low])
    edge, lean = width * rng.uniform(0.3, 0.55), width * rng.uniform(0.08, 0.2)
    sky = clouds(
        brush.gradient(size, [mix(top, light, 0.3), mix(low, light, 0.4)]),
        rng,
        (255, 255, 255),
        0.8,
    )
    draw = ImageDraw.Draw(image)
    floors, columns = 26, 14
    for side, tone in ((1, 0.0), (-1, 0.45)):
        for floor in range(floors):
            for column in range(columns):
                corner = edge, floor, column, side, lean
                pane = [
                    _project(corner, size, dx, dy)
                    for dx, dy in ((0, 0), (0.86, 0), (0.86, 0.72), (0, 0.72))
                ]
                wall = [
                    _project(corner, size, dx, dy)
                    for dx, dy in ((0, 0), (1.02, 0), (1.02, 1.02), (0, 1.02))
                ]
                draw.polygon(wall, fill=mix(ground, (0, 0, 0), tone))
                draw.polygon(pane, fill=_pane(rng, sky, pane, mix(ground, (0, 0, 0), 0.3), tone))
    return image


def bokeh(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """The lights of a street at night, out of focus."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, ground])
    colors = (light, low, mix(light, (255, 255, 255), 0.4), mix(low, middle, 0.4))
    for layer in range(4):
        lights = Image.new("RGB", size)
        draw = ImageDraw.Draw(lights)
        for _ in range(26 - layer * 5):
            radius = width * (0.008 + 0.016 * layer) * rng.uniform(0.8, 1.3)
            x, y = rng.uniform(0, width), height * min(1.0, max(0.0, rng.gauss(0.5, 0.22)))
            color = mix(rng.choice(colors), (0, 0, 0), rng.uniform(0.2, 0.65))
            rim = mix(color, (255, 255, 255), 0.25)
            box = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse(box, fill=color, outline=rim, width=max(1, round(radius / 14)))
        image = ImageChops.screen(image, lights.filter(ImageFilter.GaussianBlur(1.5 + layer)))
    return image


def balloons(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Hot-air balloons in the morning."""
    top, middle, low, light, ground = palette
    width, height = size
    image = clouds(
        brush.gradient(size, [top, middle, low]), rng, mix(light, (255, 255, 255), 0.4), 0.6
    )
    image = brush.glow(
        image, (width * rng.uniform(0.1, 0.9), height * 0.8), width * 0.6, light, 0.8
    )
    for near in (0.4, 1.0):
        line = brush.ridge(rng, width, height * (0.82 + 0.1 * near), height * 0.09, 0.45)
        brush.fill_below(image, line, mix(low, ground, 0.35 + 0.6 * near))
    for number in range(7):
        radius = min(size) * (0.022 + 0.014 * number) * rng.uniform(0.8, 1.2)
        at = (
            width * (0.1 + 0.8 * ((number * 0.37 + rng.uniform(0, 0.1)) % 1)),
            height * rng.uniform(0.14, 0.62),
        )
        image = _balloon(image, at, radius, (_hue(rng), mix(light, (255, 255, 255), 0.4)), low)
    return image


def _houses(
    image: Image.Image, rng: random.Random, foot: int, near: float, colors: tuple[Color, Color]
) -> None:
    """Put a row of houses with lit windows along the water."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    wall, light = colors
    x = -width * 0.02
    while x < width:
        wide = width * rng.uniform(0.025, 0.07) * (0.7 + near * 0.5)
        middle = 1 - abs(x / width - 0.5)
        tall = height * rng.uniform(0.08, 0.5) * middle * (1.15 - near * 0.45)
        draw.rectangle((x, foot - tall, x + wide, foot), fill=wall)
        if rng.random() < 0.25:
            draw.line(
                (x + wide / 2, foot - tall * 1.2, x + wide / 2, foot - tall), fill=wall, width=3
            )
        _windows(draw, rng, (x, foot - tall, x + wide, foot), (wall, light, near))
        x += wide * rng.uniform(0.9, 1.3)


def _windows(
    draw: ImageDraw.ImageDraw,
    rng: random.Random,
    box: tuple[float, float, float, float],
    look: tuple[Color, Color, float],
) -> None:
    left, top, right, bottom = box
    wall, light, near = look
    step = 6 + 7 * near
    share = rng.uniform(0.15, 0.55)
    y = top + step
    while y < bottom - step:
        x = left + step * 0.7
        while x < right - step:
            if rng.random() < share:
                warm = mix(
                    light, rng.choice(((255, 235, 190), (190, 220, 255))), rng.random() * 0.6
                )
                draw.rectangle(
                    (x, y, x + step * 0.42, y + step * 0.5),
                    fill=mix(wall, warm, 0.35 + 0.6 * near * rng.random()),
                )
            x += step
        y += step * 1.15


def _project(
    corner: tuple[float, int, int, int, float], size: Size, dx: float, dy: float
) -> tuple[float, float]:
    """Return where a corner of a pane lies, for walls that flee to both sides."""
    edge, floor, column, side, lean = corner
    width, height = size
    away = (column + dx) / 14
    x = edge + side * width * 0.95 * away / (0.75 + away * 0.35) + lean * (1 - (floor + dy) / 26)
    squeeze = 1 / (1 + away * 1.1)
    y = height * (0.02 + 1.05 * (floor + dy) / 26)
    return x, height * 0.95 + (y - height * 0.95) * squeeze


def _pane(
    rng: random.Random,
    sky: Image.Image,
    pane: Sequence[tuple[float, float]],
    dark: Color,
    tone: float,
) -> Color:
    """Return the colour of a pane: the sky that it mirrors, darker on the other side."""
    x = min(sky.width - 1, max(0, round(pane[0][0])))
    y = min(sky.height - 1, max(0, round(pane[0][1])))
    seen = sky.getpixel((x, y))
    color: Color = seen[:3] if isinstance(seen, tuple) else dark  # type: ignore[assignment]
    return mix(color, dark, min(0.95, tone + 0.15 + 0.35 * rng.random() ** 2))


def _hue(rng: random.Random) -> Color:
    return rng.choice(
        ((196, 62, 52), (222, 148, 44), (52, 98, 150), (120, 60, 120), (60, 130, 110))
    )


def _outline(share: float) -> float:
    """Return how wide a balloon is, ``share`` of the way from its top to its mouth."""
    if share < 0.45:
        return math.sin(math.acos(1 - share / 0.45))
    return 0.14 + 0.86 * math.pow(math.cos((share - 0.45) / 0.55 * math.pi / 2), 0.8)


def _balloon(
    image: Image.Image,
    at: tuple[float, float],
    radius: float,
    colors: tuple[Color, Color],
    haze: Color,
) -> Image.Image:
    """Return the picture with one balloon of striped cloth; small ones are far and pale."""
    x, y = at
    draw = ImageDraw.Draw(image)
    far = max(0.0, 0.5 - radius / min(image.size) * 5)
    gores = 11
    for number in range(gores):
        share = 1 - number / gores
        color = mix(mix(colors[number % 2], (0, 0, 0), 0.3 * (number / gores)), haze, far)
        half = radius * math.sin(share * math.pi / 2)
        body = [
            (x + half * _outline(t / 20), y - radius + t / 20 * radius * 2.15) for t in range(21)
        ]
        back = [(2 * x - px, py) for px, py in reversed(body)]
        draw.polygon([*body, *back], fill=color)
    basket = radius * 0.16
    dark = mix((70, 48, 30), haze, far)
    for side in (-1, 1):
        draw.line(
            (x + side * radius * 0.22, y + radius, x + side * basket, y + radius * 1.5),
            fill=dark,
            width=2,
        )
    draw.rectangle((x - basket, y + radius * 1.45, x + basket, y + radius * 1.72), fill=dark)
    return image
