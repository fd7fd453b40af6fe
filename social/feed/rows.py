"""The rows of the feed's page: each card with all that is shown of it, so that it is kept whole."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from accounts.models import User
from photos.cards import PhotoCard
from photos.templatetags.folding import folded_photos
from photos.templatetags.times import ages
from social.feed.page import FeedPage


class ShownCard(NamedTuple):
    """A card as the feed shows it to one person; two that are equal look the same."""

    card: PhotoCard
    # The path of the page that it is on.
    here: str
    # When it was published, in words.
    ago: str
    # Whether it is the first that is seen, and not loaded later.
    eager: bool
    saved: bool
    own: bool


class Row(NamedTuple):
    """A card, the followed tag that has brought it, and whether a filter of words folds it up."""

    shown: ShownCard
    brought: str
    folded: bool


def rows_of(
    page: FeedPage, viewer: User, saved: Collection[int], here: str, *, eager: bool
) -> list[Row]:
    """Return the rows of a page; with ``eager`` its first picture is loaded at once. No query."""
    folded = folded_photos(viewer, page.items)
    me = viewer.pk
    rows: list[Row] = []
    for card, age in zip(page.items, ages(card.created_at for card in page.items), strict=True):
        identifier = card.id
        first = eager and not rows and identifier not in folded
        shown = ShownCard(card, here, age, first, identifier in saved, card.author.id == me)
        rows.append(Row(shown, page.tags.get(identifier, ""), identifier in folded))
    return rows
