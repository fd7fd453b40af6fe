"""How a picture looks, in bits: copies are close to each other, other pictures are not."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from photos.images import process, process_avatar
from social.demo.painter.scenes import Scene, paint, scenes
from social.moderation.bans import MAX_DIFFERENCE

Change = Callable[[Image.Image], Image.Image]
# One of each motif that is painted fast enough.
MOTIFS = ("mountains", "skyline", "balloons", "bokeh")
SMALL = (480, 360)


def _scene(motif: str, number: int = 0) -> Image.Image:
    painted: list[Scene] = [one for one in scenes(80) if one.motif == motif]
    return paint(painted[number]).resize(SMALL)


def _file(picture: Image.Image, image_format: str = "JPEG", **options: int) -> BytesIO:
    content = BytesIO()
    picture.save(content, image_format, **options)
    content.seek(0)
    return content


def _look(picture: Image.Image, image_format: str = "JPEG", **options: int) -> str:
    return process(_file(picture, image_format, **options)).look


def _difference(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.fixture(scope="module")
def pictures() -> dict[str, Image.Image]:
    return {motif: _scene(motif) for motif in MOTIFS}


@pytest.fixture(scope="module")
def looks(pictures: dict[str, Image.Image]) -> dict[str, str]:
    return {motif: _look(picture, quality=92) for motif, picture in pictures.items()}


CHANGES: dict[str, Change] = {
    "half as large": lambda picture: picture.resize((240, 180)),
    "twice as large": lambda picture: picture.resize((960, 720)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.12),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.88),
    "of more contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(1.15),
    "softened": lambda picture: picture.filter(ImageFilter.GaussianBlur(1.5)),
    "grey": lambda picture: picture.convert("L"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_looks_alike(
    pictures: dict[str, Image.Image], looks: dict[str, str], change: Change
) -> None:
    for motif, picture in pictures.items():
        assert _difference(_look(change(picture)), looks[motif]) <= MAX_DIFFERENCE, motif


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_a_copy_in_another_format_looks_alike(
    pictures: dict[str, Image.Image], looks: dict[str, str], image_format: str
) -> None:
    for motif, picture in pictures.items():
        assert _difference(_look(picture, image_format), looks[motif]) <= MAX_DIFFERENCE, motif


def test_a_copy_of_low_quality_looks_alike(
    pictures: dict[str, Image.Image], looks: dict[str, str]
) -> None:
    for motif, picture in pictures.items():
        assert _difference(_look(picture, quality=30), looks[motif]) <= MAX_DIFFERENCE, motif


def test_different_pictures_look_different(looks: dict[str, str]) -> None:
    names = list(looks)
    pairs = [(one, other) for one in names for other in names if one < other]
    closest = min(_difference(looks[one], looks[other]) for one, other in pairs)
    assert closest > 2 * MAX_DIFFERENCE


def test_two_of_one_motif_look_different() -> None:
    assert _difference(_look(_scene("skyline")), _look(_scene("skyline", 1))) > MAX_DIFFERENCE


def _split() -> Image.Image:
    picture = Image.new("RGB", SMALL, "black")
    picture.paste("white", (SMALL[0] // 2, 0, *SMALL))
    return picture


PLAIN: dict[str, Image.Image] = {
    "white": Image.new("RGB", SMALL, "white"),
    "blue": Image.new("RGB", SMALL, "blue"),
    "a gradient": Image.linear_gradient("L").resize(SMALL),
    "a gradient from the side": Image.linear_gradient("L").rotate(90).resize(SMALL),
    "two halves": _split(),
    "darkness with noise": Image.effect_noise(SMALL, 6).point(lambda value: max(0, value - 120)),
    "transparent": Image.new("RGBA", SMALL, (0, 0, 0, 0)),
}


@pytest.mark.parametrize("picture", PLAIN.values(), ids=PLAIN)
def test_a_plain_picture_looks_like_none(picture: Image.Image) -> None:
    assert _look(picture, "PNG") == ""


def test_an_avatar_looks_like_none(pictures: dict[str, Image.Image]) -> None:
    assert process_avatar(_file(pictures["skyline"])).look == ""


def test_a_turned_photo_looks_as_it_is_shown(
    pictures: dict[str, Image.Image], looks: dict[str, str]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = BytesIO()
    lying = pictures["mountains"].transpose(Image.Transpose.ROTATE_90)
    lying.save(content, "JPEG", exif=exif)
    content.seek(0)
    assert _difference(process(content).look, looks["mountains"]) <= MAX_DIFFERENCE
