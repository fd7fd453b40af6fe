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

# Tiles that are loaded with the page: about the first row.
AT_ONCE = 4
_VALUES: dict[str, Any] = dict.fromkeys(("card", "eager", "pinned"))
_TILE = FragmentNode("photos/_tile.html", _VALUES)


@register.simple_tag(takes_context=True)
def tiles(
    context: Context, cards: Iterable[PhotoCard], *, first: bool = False, pinned: bool = False
) -> SafeString:
    """Return the tiles of ``cards``: of the ``first`` ones of a page some are loaded at once.

    What ``{% for %}`` and ``{% fragment "photos/_tile.html" %}`` show for each of them, in half the
    time.
    """
    return SafeString(
        "".join(
            [
                _TILE.show(context, (card.tile, place if first and place <= AT_ONCE else 0, pinned))
                for place, card in enumerate(cards, 1)
            ]
        )
    )
