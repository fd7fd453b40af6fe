"""Pictures as lists and pages show them: their sizes with addresses."""

from __future__ import annotations

from typing import NamedTuple

from photos.files import photo_file_url

# How many times as long as it is wide a picture is called long: about that of two screens.
LONG = 2.5
# A tile of a wall is as wide as its picture for its height, between these bounds.
NARROWEST, WIDEST = 0.5, 3.0
# The first one is as wide as the window of a phone, and of the shapes that carousels have.
LEAD_WIDEST = 1.91
# Phones whose pixels are a tenth more than a file has need no larger one, which is twice as heavy.
ENOUGH = 0.9


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
    def tile_aspect(self) -> float:
        """How many times as wide as high its tile is, 1:2 to 3:1: the picture is cut beyond."""
        return round(min(max(self.width / self.height, NARROWEST), WIDEST), 3)

    @property
    def tile_sizes(self) -> str:
        """The value of ``sizes`` on a wall, for browsers that do not measure the tile themselves.

        A tile is as high as its row, at least 104, 180 or 240 px (grid.css), which grows until the
        row is full: by a third on wide windows, up to twice on others. On phones a profile shows
        cells of 3:4 in three columns instead, and few photos have higher rows. A picture that is
        wider than its tile is as high as it, so a file is needed that is wider than the tile.
        """
        shown = self._shown_aspect
        whole = 100 * max(shown / WIDEST, 1)
        return (
            f"{self._wide_sizes}, "
            f"max({max(34, 45 * shown):.0f}vw, min({whole:.0f}vw, {240 * shown:.0f}px))"
        )

    @property
    def lead_sizes(self) -> str:
        """The value of ``sizes`` for the first tile of a wall: as wide as a phone's window."""
        whole = 100 * max(self._shown_aspect / LEAD_WIDEST, 1)
        return f"{self._wide_sizes}, {ENOUGH * whole:.1f}vw"

    @property
    def column_sizes(self) -> str:
        """The value of ``sizes`` for a tile of a profile: a cell of 3:4 in three columns."""
        return f"{self._wide_sizes}, {ENOUGH * max(32.8, 43.7 * self._shown_aspect):.1f}vw"

    @property
    def _shown_aspect(self) -> float:
        return max(self.width / self.height, NARROWEST)

    @property
    def _wide_sizes(self) -> str:
        """The part of ``sizes`` for tablets and desktops, where all walls are alike."""
        shown = self._shown_aspect
        whole = 100 * max(shown / WIDEST, 1)
        return (
            f"(min-width: 1440px) {360 * shown:.0f}px, (min-width: 1024px) {300 * shown:.0f}px, "
            f"(min-width: 768px) min({whole:.0f}vw, {480 * shown:.0f}px)"
        )

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
