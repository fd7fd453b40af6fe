"""Colours: every picture becomes RGB or RGBA, in sRGB or with the small profile it had."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from photos.decoder.cicp import Colours, tone_table

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

# An sRGB or Display P3 profile has 500 to 3,200 bytes; larger ones would outweigh small pictures.
MAX_PROFILE_BYTES = 4096


def in_rgb(picture: Image.Image, stated: Colours) -> tuple[Image.Image, bytes]:
    """Return the picture in RGB or RGBA, and the colour profile to write; ``b""`` for none.

    A profile that is broken or made for another mode is ignored, with a line on standard error.
    """
    alpha = picture.getchannel("A") if picture.mode in {"LA", "RGBA"} else None
    colours, kept = in_mode(picture, picture.mode.removesuffix("A")), b""
    if stated.hdr:
        colours = in_mode(colours, "RGB").filter(tone_table(stated.hdr))
    elif stated.icc:
        try:
            colours, kept = with_profile(colours, stated)
        except Exception as error:  # noqa: BLE001 - the colours are not worth the picture
            sys.stderr.write(f"Colour profile ignored: {error}\n")
    colours = in_mode(colours, "RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours, kept


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return the picture in ``mode``; a picture that has it already is returned uncopied."""
    return picture if picture.mode == mode else picture.convert(mode)


def with_profile(picture: Image.Image, stated: Colours) -> tuple[Image.Image, bytes]:
    """Return the picture and the profile to write with it: a small RGB profile is kept.

    By every other profile the picture is converted to sRGB, and no profile is returned. Raises
    ``ValueError`` for a profile of another mode than the picture's, ``KeyError`` for one of an
    unknown colour space, ``ImageCms.PyCMSError`` or ``OSError`` for a broken one.
    """
    from PIL import ImageCms

    icc = stated.icc
    space = ImageCms.ImageCmsProfile(BytesIO(icc)).profile.xcolor_space.strip()
    mode = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}[space]
    if mode == "RGB" and picture.mode == "L":
        picture = picture.convert("RGB")
    if mode != picture.mode:
        raise ValueError(f"made for {space}, not for {picture.mode}")
    transform = to_srgb(icc, mode)
    if mode == "RGB" and stated.kept and len(icc) <= MAX_PROFILE_BYTES:
        return picture, icc
    return transform.apply(picture), b""


def to_srgb(icc: bytes, mode: str) -> ImageCmsTransform:
    """Return the transformation from the profile ``icc`` to sRGB for pictures in ``mode``.

    Raises ``ImageCms.PyCMSError`` or ``OSError`` for a broken profile.
    """
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(BytesIO(icc))
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
