"""Colours that a file states without an ICC profile: by CICP code points, gamma, chromaticities.

They become an ICC profile, or, where the picture is brighter than a screen (HDR), a table that maps
its tones. Code points are those of ITU-T H.273.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, NamedTuple

from PIL import ExifTags
from PIL.ImageFile import ImageFile

if TYPE_CHECKING:
    from PIL.ImageFilter import Color3DLUT

Matrix = tuple[tuple[float, ...], ...]

# x and y of white, red, green and blue.
D65 = (0.3127, 0.329)
SRGB = (*D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
ADOBE_RGB = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PRIMARIES = {
    1: SRGB,
    4: (0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    8: (0.31, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}
# Transfer functions that are a power; those not named here are shown with sRGB's curve.
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
PQ, HLG = 16, 18
SRGB_GAMMA = 0  # stands for sRGB's curve, which is no power
ADOBE_GAMMA = 563 / 256
D50 = (0.9642, 1.0, 0.8249)
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
# White of paper in HDR pictures is 203 nits. The brightest that they can mean, in parts of it.
PQ_PEAK, HLG_PEAK = 10_000 / 203, 1_000 / 203
TONE_SLOPES = (1.165, 0.285)
TABLE_SIDE = 33
# What the writers of gAMA and cHRM round.
NEAR = 0.002


class Colours(NamedTuple):
    """What the numbers of a picture mean: an ICC profile, or the code points of HDR.

    ``kept``: whether the profile is fit to be written with a picture of 8 bits.
    """

    icc: bytes = b""
    hdr: tuple[int, int] | None = None
    kept: bool = True


def colours_of(file: ImageFile) -> Colours:
    """Return the colours that ``file`` states; none stands for sRGB.

    PNG: cICP over iCCP over sRGB over gAMA and cHRM; AVIF and HEIC: ICC over nclx; JPEG: ICC over
    the mark of Adobe RGB in EXIF.
    """
    points, icc = file.info.get("cicp"), file.info.get("icc_profile")
    if nclx := file.info.get("nclx_profile"):
        points = nclx["color_primaries"], nclx["transfer_characteristics"]
    if icc and not (points and file.format == "PNG"):
        inner = cicp_of_profile(icc)
        return Colours(hdr=inner) if inner and inner[1] in {PQ, HLG} else Colours(icc)
    if points:
        return by_code_points(*points)
    if file.format == "PNG" and "srgb" not in file.info:
        return by_gamma(file.info.get("gamma"), file.info.get("chromaticity"))
    if file.format == "JPEG" and is_adobe_rgb(file):
        return Colours(profile(ADOBE_RGB, ADOBE_GAMMA))
    return Colours()


def by_code_points(primaries: int, transfer: int) -> Colours:
    """Return the colours of CICP code points; unknown ones stand for sRGB's."""
    if transfer in {PQ, HLG}:
        return Colours(hdr=(primaries, transfer))
    return by_numbers(PRIMARIES.get(primaries, SRGB), GAMMAS.get(transfer, SRGB_GAMMA))


def by_gamma(exponent: float | None, corners: tuple[float, ...] | None) -> Colours:
    """Return the colours of PNG's gAMA (1 over the display's power) and cHRM, if there are any."""
    gamma = 1 / exponent if exponent else SRGB_GAMMA
    if gamma and not 0.1 < gamma < 10:
        return Colours()
    usual = not corners or is_near(corners, SRGB)
    if gamma and usual and abs(gamma - 2.2) < 0.05:
        gamma = SRGB_GAMMA  # what programs write that mean sRGB
    return by_numbers(corners or SRGB, gamma)


def by_numbers(corners: tuple[float, ...], gamma: float) -> Colours:
    """Return the colours of these primaries and this power; nothing where they are sRGB's."""
    if is_near(corners, SRGB) and gamma == SRGB_GAMMA:
        return Colours()
    try:
        return Colours(profile(corners, gamma), kept=gamma == SRGB_GAMMA or gamma >= 1.7)
    except ZeroDivisionError:  # primaries that span nothing
        return Colours()


def is_near(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two lists of chromaticities are equal but for rounding."""
    return all(abs(a - b) < NEAR for a, b in zip(one, other, strict=True))


def is_adobe_rgb(file: ImageFile) -> bool:
    """Tell whether EXIF says Adobe RGB, as DCF has it (R03) or as some cameras do (2)."""
    try:
        exif = file.getexif()
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        if space != 65535:
            return space == 2
        index = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex)
    except Exception:  # noqa: BLE001 - broken EXIF is common, and raises in a dozen ways
        return False
    return isinstance(index, str) and index.startswith("R03")


def cicp_of_profile(icc: bytes) -> tuple[int, int] | None:
    """Return the code points in an ICC profile (its ``cicp`` tag), ``None`` without."""
    at = icc.find(b"cicp", 132, 132 + 12 * 100)
    if at < 0 or len(icc) < at + 12:
        return None
    (start,) = struct.unpack_from(">I", icc, at + 4)
    tag = icc[start : start + 12]
    return (tag[8], tag[9]) if tag[:4] == b"cicp" and len(tag) == 12 else None


# ------------------------------------------------------------------------------------ ICC profiles


def profile(corners: tuple[float, ...], gamma: float) -> bytes:
    """Return an ICC profile of these chromaticities with this power, 0 for sRGB's curve.

    Raises ``ZeroDivisionError`` for chromaticities that span nothing.
    """
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    if gamma:
        curve = b"para\0\0\0\0\0\0\0\0" + fixed(gamma)
    tags = [(b"desc", text("MiniGram")), (b"cprt", text("CC0")), (b"wtpt", xyz(D50))]
    for name, column in zip((b"r", b"g", b"b"), zip(*to_xyz(corners), strict=True), strict=True):
        tags += [(name + b"XYZ", xyz(column)), (name + b"TRC", curve)]
    table, body, start = b"", b"", 132 + 12 * len(tags)
    for name, value in tags:
        table += struct.pack(">4s2I", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4xI", start + len(body), 0x04300000) + b"mntrRGB XYZ " + bytes(12)
    head = (head + b"acsp" + bytes(28) + fixed(*D50)).ljust(128, b"\0")
    return head + struct.pack(">I", len(tags)) + table + body


def fixed(*values: float) -> bytes:
    """Return numbers as ICC writes them. Raises ``struct.error`` above 32767."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def xyz(values: tuple[float, ...]) -> bytes:
    """Return the content of a tag with one colour in XYZ."""
    return b"XYZ \0\0\0\0" + fixed(*values)


def text(words: str) -> bytes:
    """Return the content of a tag with words in English."""
    data = words.encode("utf-16-be")
    return b"mluc" + struct.pack(">3I4s2I", 0, 1, 12, b"enUS", len(data), 28) + data


# ------------------------------------------------------------------------------------------ algebra


def to_xyz(corners: tuple[float, ...]) -> Matrix:
    """Return the matrix from linear RGB of these chromaticities to XYZ under D50.

    Raises ``ZeroDivisionError`` for chromaticities that span nothing.
    """
    white, *primaries = (
        (x / y, 1.0, (1 - x - y) / y) for x, y in zip(*[iter(corners)] * 2, strict=True)
    )
    matrix = tuple(zip(*primaries, strict=True))
    amounts = times(inverse(matrix), tuple((value,) for value in white))
    scaled = tuple(tuple(v * a[0] for v, a in zip(row, amounts, strict=True)) for row in matrix)
    here, there = (times(BRADFORD, tuple((v,) for v in one)) for one in (white, D50))
    gains = tuple(
        tuple(there[i][0] / here[i][0] if i == j else 0.0 for j in range(3)) for i in range(3)
    )
    return times(times(inverse(BRADFORD), times(gains, BRADFORD)), scaled)


def times(one: Matrix, other: Matrix) -> Matrix:
    """Return the product of two matrices."""
    columns = list(zip(*other, strict=True))
    return tuple(
        tuple(sum(a * b for a, b in zip(row, column, strict=True)) for column in columns)
        for row in one
    )


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of a matrix of 3 × 3; raises ``ZeroDivisionError`` where there is none."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return tuple(tuple(value / whole for value in row) for row in rows)


# ---------------------------------------------------------------------------------------------- HDR


def tone_table(points: tuple[int, int]) -> Color3DLUT:
    """Return the table from the values of an HDR picture to those of sRGB.

    As Chromium does it for screens that are no brighter than paper: what is as bright as paper
    gets half of the screen's light, so that what is brighter can be told from it.
    """
    from PIL.ImageFilter import Color3DLUT

    primaries, transfer = points
    light = pq_light if transfer == PQ else hlg_light
    (to_red, to_green, to_blue) = times(
        inverse(to_xyz(SRGB)), to_xyz(PRIMARIES.get(primaries, PRIMARIES[9]))
    )
    levels = {step: light(step / (TABLE_SIDE - 1)) for step in range(TABLE_SIDE)}

    def shown(red: float, green: float, blue: float) -> tuple[float, ...]:
        r, g, b = (levels[round(value * (TABLE_SIDE - 1))] for value in (red, green, blue))
        gain = 1.0
        if transfer == HLG:
            gain = HLG_PEAK * (0.2627 * r + 0.678 * g + 0.0593 * b) ** 0.2
        gain *= tone_gain(gain * max(r, g, b))
        r, g, b = r * gain, g * gain, b * gain
        return (
            srgb_value(to_red[0] * r + to_red[1] * g + to_red[2] * b),
            srgb_value(to_green[0] * r + to_green[1] * g + to_green[2] * b),
            srgb_value(to_blue[0] * r + to_blue[1] * g + to_blue[2] * b),
        )

    return Color3DLUT.generate(TABLE_SIDE, shown)


def tone_gain(light: float) -> float:
    """Return the factor for a colour whose brightest part has this light, where 1 is white.

    A half up to white, then less and less, so that the peak of HLG is the screen's white. Read
    from Chromium 156: a cubic curve of the factor's logarithm.
    """
    part = min(max((light - 1) / (HLG_PEAK - 1), 0), 1)
    rest = 1 - part
    start, end = TONE_SLOPES
    way = part * rest * (start * rest - end * part) + part * part * (3 - 2 * part)
    return 0.5 * math.pow(2 / HLG_PEAK, way)


def pq_light(value: float) -> float:
    """Return the light of a PQ value of 0 to 1, where 1 is white (SMPTE ST 2084)."""
    power = math.pow(value, 1 / 78.84375)
    base = max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return math.pow(base, 1 / 0.1593017578125) * PQ_PEAK


def hlg_light(value: float) -> float:
    """Return the light of the scene of an HLG value of 0 to 1, 1 at most (ITU-R BT.2100)."""
    if value <= 0.5:
        return value * value / 3
    return (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


def srgb_value(light: float) -> float:
    """Return sRGB's value for light, both 0 to 1; what lies outside is cut off."""
    light = min(max(light, 0.0), 1.0)
    return light * 12.92 if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055
