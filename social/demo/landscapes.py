"""Painters of landscapes: mountains, seas, deserts, forests, skies.

Each takes a source of chance, a size and a palette of five colours: the sky from its top to the
horizon, the light, and the ground.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from social.demo import brush
from social.demo.brush import Color, Points, Size, mix

Palette = Sequence[Color]


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
        line = _peaks(rng, width, base, height * (0.3 - 0.17 * near))
        image = _range(image, line, mix(far, ground, near**1.2), mix(low, light, 0.25), near)
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
        line = _swell(rng, width, base, height * (0.05 + 0.06 * near))
        mask = brush.mask_below(size, line)
        lit, dark = mix(low, light, 0.4 + 0.5 * near), mix(low, ground, 0.35 + 0.6 * near)
        sand = brush.gradient(size, [lit, lit, mix(lit, dark, 0.7), dark])
        shade = _crest_shadow(rng, size, line, height * (0.1 + 0.25 * near))
        sand = Image.composite(Image.new("RGB", size, dark), sand, shade)
        image = Image.composite(_sand_ripples(sand, rng, near), image, mask)
    return image


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
        _firs(image, rng, line, height * (0.08 + 0.24 * near**1.5), color)
        image = _fog(image, rng, base, low, 0.75 * (1 - near))
    return image


def aurora(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Northern lights over a dark ridge."""
    top, middle, low, light, ground = palette
    width, height = size
    image = stars(brush.gradient(size, [top, middle, low]), rng, 900)
    for color in (light, mix(light, middle, 0.35), light):
        image = ImageChops.screen(image, _curtain(rng, size, color))
    line = brush.ridge(rng, width, height * 0.86, height * 0.1)
    brush.fill_below(image, line, ground)
    _firs(image, rng, line, height * 0.07, ground)
    return image


def milky_way(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """The Milky Way over mountains."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low])
    band = Image.linear_gradient("L").resize((width * 2, height))
    band = ImageChops.multiply(band, band.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    band = band.rotate(rng.choice((-1, 1)) * rng.uniform(35, 65), expand=False)
    band = band.crop((width // 2, 0, width // 2 + width, height))
    band = ImageChops.multiply(
        brush.stretched(band, 38, 66), brush.stretched(brush.noise(size, rng, 7, 5), 50, 190)
    )
    haze = Image.composite(
        Image.new("RGB", size, mix(light, middle, 0.3)), Image.new("RGB", size), band
    )
    image = stars(ImageChops.screen(image, haze), rng, 2600)
    image = brush.glow(image, (width * 0.5, height * 0.95), width * 0.55, mix(light, low, 0.3), 0.6)
    for near in (0.5, 1.0):
        line = brush.ridge(rng, width, height * (0.78 + 0.1 * near), height * 0.16)
        brush.fill_below(image, line, mix(low, ground, near))
    return image


def above_the_clouds(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """A sea of clouds with peaks that stand out of it."""
    top, middle, low, light, ground = palette
    width, height = size
    image = brush.gradient(size, [top, middle, low, low])
    image = brush.glow(image, (width * rng.uniform(0.15, 0.85), height * 0.4), width * 0.5, light)
    layers = 6
    for number in range(layers):
        near = number / (layers - 1)
        base = height * (0.5 + 0.48 * near)
        if number < 3:
            line = _peaks(rng, width, base + height * 0.06, height * (0.2 + 0.06 * number))
            image = _range(image, line, mix(low, ground, 0.5 + near), low, near)
        image = _cloud_bank(
            image, rng, base, mix(light, low, near * 0.7), mix(low, ground, near * 0.5)
        )
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
        line = _swell(rng, width, height * (0.5 + 0.35 * near), height * 0.05)
        _firs(image, rng, line, height * 0.42 * near, mix(low, ground, near))
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


def clouds(image: Image.Image, rng: random.Random, color: Color, strength: float) -> Image.Image:
    """Return the picture with long clouds in its sky."""
    width, height = image.size
    shapes = brush.noise((width, height * 3), rng, 4, 5).resize((width, height))
    shapes = brush.stretched(shapes, 115, 205).point([round(v * strength) for v in range(256)])
    fade = (
        Image.linear_gradient("L")
        .resize(image.size)
        .point([min(255, 510 - 2 * v) for v in range(256)])
    )
    return Image.composite(
        Image.new("RGB", image.size, color), image, ImageChops.multiply(shapes, fade)
    )


def stars(image: Image.Image, rng: random.Random, count: int) -> Image.Image:
    """Return the picture with stars, some of them bright."""
    width, height = image.size
    points = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(points)
    for _ in range(count):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.random() ** 6 * 2.2 + 0.5
        draw.ellipse((x - r, y - r, x + r, y + r), fill=rng.randrange(60, 255))
    points = points.filter(ImageFilter.GaussianBlur(0.8))
    return ImageChops.screen(image, points.convert("RGB"))


def _range(image: Image.Image, line: Points, color: Color, mist: Color, near: float) -> Image.Image:
    """Paint one range: dark at its ridge, and lost in mist at its foot."""
    width, height = image.size
    mask = brush.mask_below(image.size, line)
    highest = min(y for _, y in line)
    fade = brush.gradient(
        (width, max(8, round(height * 0.5))), [color, mix(color, mist, 0.55 - 0.4 * near)]
    )
    layer = Image.new("RGB", image.size, mix(color, mist, 0.55 - 0.4 * near))
    layer.paste(fade, (0, round(highest)))
    return Image.composite(layer, image, mask)


def _peaks(rng: random.Random, width: int, base: float, height: float) -> Points:
    """Return a line of a few steep peaks, each with a ridge of its own."""
    tops = [(rng.uniform(0, width), rng.uniform(0.35, 1), rng.uniform(0.16, 0.3)) for _ in range(5)]
    rough = brush.ridge(rng, width, 0, height * 0.3, 0.68)
    return [
        (x, base + y - height * max(h * (1 - abs(x - at) / (w * width)) for at, h, w in tops))
        for x, y in rough
    ]


def _swell(rng: random.Random, width: int, base: float, height: float) -> Points:
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


def _firs(
    image: Image.Image, rng: random.Random, line: Points, height: float, color: Color
) -> None:
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


def _curtain(rng: random.Random, size: Size, color: Color) -> Image.Image:
    """Return one veil of northern light: bright at its lower hem, streaked upwards."""
    width, height = size
    small = width // 4, height // 4
    veil = Image.new("L", small, 0)
    hem = _swell(rng, small[0], small[1] * rng.uniform(0.45, 0.62), small[1] * 0.13)
    streak = [rng.random() for _ in range(40)]
    fall = Image.linear_gradient("L")
    for x in range(small[0]):
        place = x / small[0] * 39
        share = streak[int(place)] * (1 - place % 1) + streak[min(39, int(place) + 1)] * (place % 1)
        y = hem[round(x / small[0] * 120)][1]
        tall = max(4, round(small[1] * (0.25 + 0.4 * share)))
        beam = fall.resize((1, tall)).point(
            [round(v * v / 255 * (0.25 + 0.6 * share)) for v in range(256)]
        )
        veil.paste(beam, (x, round(y - tall)))
    veil = veil.filter(ImageFilter.GaussianBlur(small[0] / 130)).resize(
        size, Image.Resampling.BICUBIC
    )
    return Image.composite(Image.new("RGB", size, color), Image.new("RGB", size), veil)


def _cloud_bank(
    image: Image.Image, rng: random.Random, y: float, lit: Color, dark: Color
) -> Image.Image:
    """Return the picture with a bank of clouds from a height downwards."""
    width, height = image.size
    line = _swell(rng, width, y, height * 0.025)
    edge = brush.soft(brush.mask_below(image.size, line), height / 30)
    billows = brush.noise(image.size, rng, 9, 5)
    mask = brush.stretched(ImageChops.add(edge, billows, 2), 112, 165)
    layer = Image.composite(
        Image.new("RGB", image.size, lit),
        Image.new("RGB", image.size, dark),
        brush.stretched(billows, 60, 190),
    )
    return Image.composite(layer, image, mask)


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
