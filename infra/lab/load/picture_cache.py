"""The pictures of one simulated person: which an answer shows, and which are loaded already.

Browsers and apps load a picture once and keep it for a year, as its headers say
(docs/adr/0021-public-pictures-are-links.md); a private one is asked for again each time, with its
entity tag. How wide a picture has to be is chosen as the templates' ``sizes`` let a browser choose,
and as docs/api.md tells apps to: the smallest source that fills the screen.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

# Pixels that a photo of the feed fills: 630 in the column of a desktop, where the rendition of 640
# is chosen, and 360 times three on a phone, where that of 1080 is. Half of the people each: an
# assumption.
DESKTOP, PHONE = 630, 1080
PHONES = 0.5
# How many pictures a person keeps: far more than one visit loads, so that memory is bounded and
# nothing is asked for twice.
MOST_KEPT = 1000
# Acts of a visit, on average. A simulated person stands for several real ones: after a visit
# somebody else begins, who has seen nothing yet. Otherwise all would have seen everything after a
# minute, and what a run measures would depend on its length.
VISIT_ACTS = 30


class PictureCache:
    """What one person has loaded, and the screen that pictures are chosen for."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._width = PHONE if dice.random() < PHONES else DESKTOP
        # Addresses, each with the entity tag where it has to be asked for again; oldest first.
        self._kept: dict[str, str] = {}
        # Who is there when a run begins is in the middle of a visit and has seen the first page.
        self._in_visit = True

    def next_act(self) -> None:
        """Let a new visit begin now and then, with nothing loaded."""
        if self._dice.random() < 1 / VISIT_ACTS:
            self._kept.clear()
            self._in_visit = False

    def missing(
        self, cards: Iterable[dict[str, Any]], *, newest: bool = False
    ) -> Iterator[tuple[str, str]]:
        """Yield address and known entity tag of each picture that has to be asked for.

        ``cards`` are photos as the API answers them, with ``newest`` those of the newest page of
        the feed, which somebody who is in a visit already has loaded. The tag is empty for a
        picture that was not loaded yet.
        """
        addresses = dict.fromkeys(address for card in cards for address in self._shown(card))
        if newest and self._in_visit:
            self._in_visit = False
            self._kept |= dict.fromkeys(addresses, "")
            return
        for address in addresses:
            tag = self._kept.get(address)
            if tag is None or tag:
                yield address, tag or ""

    def keep(self, address: str, cache_control: str, tag: str) -> None:
        """Keep a picture that was loaded; the oldest goes where there are too many."""
        self._kept[address] = "" if "immutable" in cache_control else tag
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _shown(self, card: dict[str, Any]) -> Iterator[str]:
        """Yield the addresses of the pictures that a card shows: the photo, and the avatar."""
        sources = card["sources"]
        fitting = (one for one in sources if one["width"] >= self._width)
        yield next(fitting, sources[-1])["url"]
        if avatar := card["author"]["avatar"]:
            yield avatar
