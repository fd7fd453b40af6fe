"""Painters of skies: clouds, stars, northern lights."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from social.demo.painter import brush
from social.demo.painter.brush import Color, Palette, Size, mix
from social.demo.painter.plants import firs


def aurora(rng: random.Random, size: Size, palette: Palette) -> Image.Image:
    """Northern lights over a dark ridge."""
    top, middle, low, light, ground = palette
    width, height = size
    image = stars(brush.gradient(size, [top, middle, low]), rng, 900)
    for color in (light, mix(light, middle, 0.35), light):
        image = ImageChops.screen(image, _curtain(rng, size, color))
    line = brush.ridge(rng, width, height * 0.86, height * 0.1)
    brush.fill_below(image, line, ground)
    firs(image, rng, line, height * 0.07, ground)
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
            line = brush.peaks(rng, width, base + height * 0.06, height * (0.2 + 0.06 * number))
            image = brush.hazy_range(image, line, mix(low, ground, 0.5 + near), low, near)
        image = _cloud_bank(
            image, rng, base, mix(light, low, near * 0.7), mix(low, ground, near * 0.5)
        )
    return image


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


def _curtain(rng: random.Random, size: Size, color: Color) -> Image.Image:
    """Return one veil of northern light: bright at its lower hem, streaked upwards."""
    width, height = size
    small = width // 4, height // 4
    veil = Image.new("L", small, 0)
    hem = brush.swell(rng, small[0], small[1] * rng.uniform(0.45, 0.62), small[1] * 0.13)
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
    line = brush.swell(rng, width, y, height * 0.025)
    edge = brush.soft(brush.mask_below(image.size, line), height / 30)
    billows = brush.noise(image.size, rng, 9, 5)
    mask = brush.stretched(ImageChops.add(edge, billows, 2), 112, 165)
    layer = Image.composite(
        Image.new("RGB", image.size, lit),
        Image.new("RGB", image.size, dark),
        brush.stretched(billows, 60, 190),
    )
    return Image.composite(layer, image, mask)
