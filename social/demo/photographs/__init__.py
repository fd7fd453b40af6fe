"""Photographs of the demo, with who took them and under which licence: no database, no storage.

``CREDITS.md`` beside them says the same to whoever looks into the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

FOLDER = Path(__file__).parent
LOMIRI = "https://gitlab.com/ubports/development/core/lomiri-wallpapers"
SCIKIT_IMAGE = "https://github.com/scikit-image/scikit-image"
CC_BY, CC0, PUBLIC = "CC BY 4.0", "CC0 1.0", "public domain"
_LINKS = {
    CC_BY: f"[{CC_BY}](https://creativecommons.org/licenses/by/4.0/)",
    CC0: f"[{CC0}](https://creativecommons.org/publicdomain/zero/1.0/)",
    PUBLIC: PUBLIC,
}
AITZOL, TREVOR, JAKUB = "Aitzol Berasategi", 'Trevor "Freespace"', "Jakub Mede"
CLEMENS = "Clemens Engelhardt"

# Left, top, right and bottom as shares of width and height.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Photograph:
    """One file of ``FOLDER``; ``is_detail`` where it is cut out of what its author published."""

    name: str
    author: str
    licence: str
    source: str
    shows: str
    is_detail: bool = False

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return FOLDER / f"{self.name}.jpg"

    @property
    def credit(self) -> str:
        """Return the line that the licence asks for, as a caption shows it."""
        part = ", detail" if self.is_detail else ""
        return f"Photo: {self.author}, {self.licence}{part}"


@dataclass(frozen=True, slots=True)
class Cut:
    """A photograph as somebody of the demo shows it: a part of it, or without its colours."""

    photograph: Photograph
    box: Box | None = None
    monochrome: bool = False

    @property
    def alt_text(self) -> str:
        """Return what the picture shows."""
        return self.photograph.shows


def _lomiri(
    name: str, author: str, licence: str, shows: str, *, detail: bool = False
) -> Photograph:
    return Photograph(name, author, licence, LOMIRI, shows, detail)


def _skimage(name: str, author: str, licence: str, shows: str) -> Photograph:
    return Photograph(name, author, licence, SCIKIT_IMAGE, shows)


_ALL = (
    _lomiri("aitzgorri", AITZOL, CC_BY, "A green meadow, larches in autumn and a grey ridge"),
    _lomiri(
        "aitzgorri-ridge", AITZOL, CC_BY, "A long grey ridge above an autumn forest", detail=True
    ),
    _lomiri("dogs", AITZOL, CC_BY, "Two brown spaniels look out of a window, one above the other"),
    _lomiri("dogs-close", AITZOL, CC_BY, "Two brown spaniels at a window, close", detail=True),
    _lomiri("stream", AITZOL, CC_BY, "A stream falls over pale rocks in a wood"),
    _lomiri("stream-falls", AITZOL, CC_BY, "Small waterfalls between mossy rocks", detail=True),
    _lomiri("picos", AITZOL, CC_BY, "A path climbs a meadow towards peaks with snow on them"),
    _lomiri("picos-snow", AITZOL, CC_BY, "A grey wall of rock with fields of snow", detail=True),
    _lomiri("picos-path", AITZOL, CC_BY, "A stony path up a hillside under clouds", detail=True),
    _lomiri("sunset", AITZOL, CC_BY, "The sun sets behind hills, a stone table in front"),
    _lomiri("sunset-sun", AITZOL, CC_BY, "The low sun over layers of hills", detail=True),
    _lomiri("fig", TREVOR, CC_BY, "Half a fig in a red bowl on grey stone"),
    _lomiri("fig-close", TREVOR, CC_BY, "The seeds of half a fig in a red bowl", detail=True),
    _lomiri("brushes", TREVOR, CC_BY, "Paint brushes in blue, green, pink and yellow"),
    _lomiri("wine", JAKUB, CC_BY, "A drum on a beanbag before a low table with wine"),
    _lomiri("wine-table", JAKUB, CC_BY, "A bottle, a glass of wine and a coffee mill", detail=True),
    _lomiri("dandelions", CLEMENS, CC0, "Dandelion clocks in a meadow against the evening sun"),
    _lomiri("dandelion-close", CLEMENS, CC0, "A dandelion clock, lit from behind", detail=True),
    _lomiri(
        "dandelions-light", CLEMENS, CC0, "Blurred dandelion clocks in warm light", detail=True
    ),
    _skimage("coffee", "Rachel Michetti", CC0, "An espresso in a red cup on a wooden table"),
    _skimage("cat", "Stefan van der Walt", CC0, "The face of a tabby cat with green eyes"),
    _skimage("rocket", "SpaceX", PUBLIC, "A rocket on its pad between two towers, at dusk"),
    _skimage("hubble", "NASA, ESA", PUBLIC, "Hundreds of distant galaxies on black"),
)
PHOTOGRAPHS = {photograph.name: photograph for photograph in _ALL}


def opened(cut: Cut) -> Image.Image:
    """Return the picture of a cut."""
    with Image.open(cut.photograph.path) as file:
        image = file.convert("RGB")
    if cut.box is not None:
        width, height = image.size
        left, top, right, bottom = cut.box
        edges = left * width, top * height, right * width, bottom * height
        image = image.crop((round(edges[0]), round(edges[1]), round(edges[2]), round(edges[3])))
    if cut.monochrome:
        image = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=0.5).convert("RGB")
    return image


def credit_lines() -> str:
    """Return in Markdown who took the photographs, under which licence, and where they are from."""
    lines = dict.fromkeys(
        f"- {one.author}: {_LINKS[one.licence]}, from <{one.source}>" for one in _ALL
    )
    return "\n".join(lines)
