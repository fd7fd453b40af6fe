"""Pictures as lists and pages show them: their sizes with addresses."""

from __future__ import annotations

from typing import NamedTuple

from photos.files import photo_file_url

# How many times as long as it is wide a picture is called long: about that of two screens.
LONG = 2.5


class Source(NamedTuple):
    """One size of a picture: pixels and address."""

    width: int
    height: int
    url: str


class CardPicture(NamedTuple):
    """One picture of a photo as lists and carousels show it."""

    code: str
    alt_text: str
    width: int
    height: int
    placeholder: str
    renditions: tuple[tuple[int, int, str], ...]

    def address(self, name: str) -> str:
        """Return the path of the file with this storage name."""
        return photo_file_url(self.code, name)

    @property
    def sources(self) -> list[Source]:
        """The sizes of the picture, smallest first."""
        address = self.address
        return [Source(w, h, address(name)) for w, h, name in self.renditions]

    @property
    def srcset(self) -> str:
        """The value of an ``img`` element's ``srcset`` attribute."""
        address = self.address
        return ", ".join(f"{address(name)} {w}w" for w, _, name in self.renditions)

    @property
    def src(self) -> str:
        """The address for a browser that knows no ``srcset``: the middle size."""
        middle = self.renditions[len(self.renditions) // 2 :][:1]
        return self.address(middle[0][2]) if middle else ""

    @property
    def tile_sizes(self) -> str:
        """The value of ``sizes`` in a grid of squares, which show the middle of a wide picture.

        Such a picture is as high as its square, so a file is needed that is wider than it.
        """
        stretch = self.width / self.height if self.width > 2 * self.height else 1
        return f"(min-width: 1000px) {320 * stretch:.0f}px, {33 * stretch:.0f}vw"

    @property
    def stage_sizes(self) -> str:
        """The value of ``sizes`` in the viewer (``viewer.css``), which the picture fills.

        It is never wider than it is, nor higher than the window, beside a panel on desktops.
        """
        ratio = self.width / self.height
        beside = f"min(100vw - 360px, {100 * ratio:.0f}vh, {self.width}px)"
        return f"(min-width: 1024px) {beside}, min(100vw, {self.width}px)"

    @property
    def enlarged(self) -> str:
        """The address of the largest size, for a picture so long that a page shows it small."""
        short, long = sorted((self.width, self.height))
        return self.sources[-1].url if long > LONG * short and self.renditions else ""
