"""Tools to paint with Pillow: gradients, noise, ridges, glows, film grain.

All randomness comes from a ``random.Random``, so equal seeds paint equal pictures. Colours are
``(red, green, blue)``, places and sizes are in pixels, shares lie between 0 and 1.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Color: TypeAlias = tuple[int, int, int]
Points: TypeAlias = list[tuple[float, float]]
Size: TypeAlias = tuple[int, int]
Palette: TypeAlias = Sequence[Color]


def rgb(code: str) -> Color:
    """Return the colour that six hexadecimal digits name."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(one: Color, other: Color, share: float) -> Color:
    """Return the colour that lies ``share`` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def gradient(size: Size, colors: Sequence[Color]) -> Image.Image:
    """Return a picture that fades through ``colors`` from top to bottom."""
    column = Image.new("RGB", (1, len(colors)))
    column.putdata(list(colors))
    tall = column.resize((1, size[1]), Image.Resampling.BICUBIC if len(colors) > 2 else 2)
    return tall.resize(size)


def noise(size: Size, rng: random.Random, cells: int, octaves: int = 4) -> Image.Image:
    """Return soft grey clouds: ``cells`` patches across, and finer ones upon them."""
    width, height = size
    # A quarter of the size is enough for what is soft, and much quicker.
    small = max(8, width // 4), max(8, height // 4)
    sum_ = Image.new("L", small, 128)
    for octave in range(octaves):
        across = min(cells * 2**octave, small[0])
        down = max(2, round(across * height / width))
        patch = Image.frombytes("L", (across, down), rng.randbytes(across * down))
        sum_ = Image.blend(
            sum_,
            patch.resize(small, Image.Resampling.BICUBIC),
            0.5 if not octave else 0.5 / (octave + 1),
        )
    return sum_.resize(size, Image.Resampling.BICUBIC)


def stretched(mask: Image.Image, low: int, high: int) -> Image.Image:
    """Return a grey picture with ``low`` made black, ``high`` white, and a line between."""
    return mask.point([max(0, min(255, round((v - low) * 255 / (high - low)))) for v in range(256)])


def ridge(
    rng: random.Random, width: int, base: float, height: float, roughness: float = 0.55
) -> Points:
    """Return the line of a mountain ridge from left to right (midpoint displacement)."""
    line = [rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)]
    reach = 1.0
    while len(line) < 200:
        finer = []
        for left, right in itertools.pairwise(line):
            finer += [left, (left + right) / 2 + rng.uniform(-reach, reach) / 2]
        line, reach = [*finer, line[-1]], reach * roughness
    step = width / (len(line) - 1)
    return [(place * step, base - value * height) for place, value in enumerate(line)]


def fill_below(image: Image.Image, line: Points, color: Color) -> None:
    """Fill everything below a line."""
    width, height = image.size
    ImageDraw.Draw(image).polygon([*line, (width, height), (0, height)], fill=color)


def mask_below(size: Size, line: Points) -> Image.Image:
    """Return a mask that is white below a line."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon([*line, size, (0, size[1])], fill=255)
    return mask


def soft(image: Image.Image, radius: float) -> Image.Image:
    """Return the picture blurred; wide blurs are made on a smaller copy, which looks the same."""
    if radius < 8:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(4).filter(ImageFilter.GaussianBlur(radius / 4))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def glow(
    image: Image.Image, at: tuple[float, float], radius: float, color: Color, strength: float = 1
) -> Image.Image:
    """Return the picture with a soft light at a place."""
    side = max(2, round(radius * 2))
    spot = ImageChops.invert(Image.radial_gradient("L"))
    spot = spot.point([round(255 * strength * (v / 255) ** 2.4) for v in range(256)])
    spot = spot.resize((side, side), Image.Resampling.BILINEAR)
    light = Image.new("L", image.size, 0)
    light.paste(spot, (round(at[0] - radius), round(at[1] - radius)))
    tinted = Image.composite(
        Image.new("RGB", image.size, color), Image.new("RGB", image.size), light
    )
    return ImageChops.screen(image, tinted)


def disc(image: Image.Image, at: tuple[float, float], radius: float, color: Color) -> None:
    """Paint a filled circle."""
    x, y = at
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(image).ellipse(box, fill=color)


def textured(image: Image.Image, rng: random.Random, cells: int, strength: float) -> Image.Image:
    """Return the picture with soft light and dark patches."""
    patches = noise(image.size, rng, cells).convert("RGB")
    return Image.blend(image, ImageChops.soft_light(image, patches), strength)


def reflected(image: Image.Image, rng: random.Random, horizon: int, tint: Color) -> Image.Image:
    """Return the picture with all below ``horizon`` replaced by rippled water."""
    width, height = image.size
    depth = height - horizon
    mirror = image.crop((0, max(0, horizon - depth), width, horizon))
    mirror = mirror.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((width, depth))
    mirror = mirror.filter(ImageFilter.GaussianBlur(width / 600))
    water = _rippled(mirror, rng)
    shade = (
        Image.linear_gradient("L").resize((width, depth)).point([40 + v // 3 for v in range(256)])
    )
    water = Image.composite(Image.new("RGB", (width, depth), tint), water, shade)
    result = image.copy()
    result.paste(water, (0, horizon))
    return result


def _rippled(mirror: Image.Image, rng: random.Random) -> Image.Image:
    """Return the picture with thin rows shifted sideways, further towards the bottom."""
    width, depth = mirror.size
    result = mirror.copy()
    y, drift = 0.0, 0.0
    while y < depth:
        rows = 1 + y / depth * 7
        drift = drift * 0.6 + rng.uniform(-1, 1) * (1 + y / depth * width / 90)
        strip = mirror.crop((0, int(y), width, min(depth, int(y + rows) + 1)))
        result.paste(strip, (round(drift), int(y)))
        y += rows
    return result


def rays(size: Size, rng: random.Random, count: int, top: float) -> Image.Image:
    """Return a mask of light that falls through a gap from above."""
    width, height = size
    mask = Image.new("L", (width // 4, height // 4), 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, reach = width / 4 * (top + rng.uniform(-0.12, 0.12)), rng.uniform(-0.6, 0.6) * width / 4
        spread = rng.uniform(0.01, 0.06) * width
        foot = [(x + reach - spread, height / 4), (x + reach + spread, height / 4)]
        draw.polygon([(x - 2, -5), (x + 2, -5), foot[1], foot[0]], fill=rng.randrange(40, 130))
    return mask.filter(ImageFilter.GaussianBlur(width / 200)).resize(size, Image.Resampling.BICUBIC)


def develop(image: Image.Image, rng: random.Random, size: Size) -> Image.Image:
    """Return the finished photo: scaled down, darker in the corners, with the grain of film."""
    photo = image.resize(size, Image.Resampling.BICUBIC)
    corners = Image.radial_gradient("L").point(
        [255 - round((v / 255) ** 2.2 * 95) for v in range(256)]
    )
    photo = ImageChops.multiply(photo, corners.resize(size).convert("RGB"))
    width, height = size
    grain = Image.frombytes("L", size, rng.randbytes(width * height))
    grain = grain.filter(ImageFilter.GaussianBlur(0.7)).point(
        [128 + (v - 128) // 4 for v in range(256)]
    )
    return Image.blend(photo, ImageChops.overlay(photo, grain.convert("RGB")), 0.55)


def hazy_range(
    image: Image.Image, line: Points, color: Color, mist: Color, near: float
) -> Image.Image:
    """Return the picture with one mountain range: dark at its ridge, misty at its foot."""
    width, height = image.size
    mask = mask_below(image.size, line)
    highest = min(y for _, y in line)
    fade = gradient(
        (width, max(8, round(height * 0.5))), [color, mix(color, mist, 0.55 - 0.4 * near)]
    )
    layer = Image.new("RGB", image.size, mix(color, mist, 0.55 - 0.4 * near))
    layer.paste(fade, (0, round(highest)))
    return Image.composite(layer, image, mask)


def peaks(rng: random.Random, width: int, base: float, height: float) -> Points:
    """Return a line of a few steep peaks, each with a ridge of its own."""
    tops = [(rng.uniform(0, width), rng.uniform(0.35, 1), rng.uniform(0.16, 0.3)) for _ in range(5)]
    rough = ridge(rng, width, 0, height * 0.3, 0.68)
    return [
        (x, base + y - height * max(h * (1 - abs(x - at) / (w * width)) for at, h, w in tops))
        for x, y in rough
    ]


def swell(rng: random.Random, width: int, base: float, height: float) -> Points:
    """Return a smooth line of a few waves."""
    waves = [
        (rng.uniform(0.5, 1) / n, n * rng.uniform(0.6, 1.3), rng.uniform(0, 6.3)) for n in (1, 2, 3)
    ]
    return [
        (
            width * step / 120,
            base + height * sum(a * math.sin(f * 6.3 * step / 120 + p) for a, f, p in waves),
        )
        for step in range(121)
    ]
