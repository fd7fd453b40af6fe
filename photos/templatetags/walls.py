"""The template tag for walls of photos: their tiles, each a kept fragment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from minigram_site.web.templating.fragments import FragmentNode
from photos.cards import PhotoCard

register = template.Library()

# How a tile is loaded: when it comes near; at once, as the first of a wall or of a profile
LATE, LEADS, BEGINS_COLUMNS = 0, 1, 2
_VALUES: dict[str, Any] = dict.fromkeys(("card", "eager", "pinned"))
_TILE = FragmentNode("photos/_tile.html", _VALUES)


@register.simple_tag(takes_context=True)
def tiles(
    context: Context,
    cards: Iterable[PhotoCard],
    *,
    first: bool = False,
    columns: bool = False,
    pinned: bool = False,
) -> SafeString:
    """Return the tiles of ``cards``: the ``first`` one of a page is loaded at once.

    All others wait until they are laid out, and are as large as they are shown. ``columns`` is for
    profiles, which have three of them on phones. What ``{% for %}`` and
    ``{% fragment "photos/_tile.html" %}`` show for each card, in half the time.
    """
    begins = BEGINS_COLUMNS if columns else LEADS
    return SafeString(
        "".join(
            [
                _TILE.show(context, (card.tile, LATE if place or not first else begins, pinned))
                for place, card in enumerate(cards)
            ]
        )
    )
