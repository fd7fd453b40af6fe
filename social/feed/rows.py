"""The rows of the feed's page: each card with all that is shown of it, so that it is kept whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import User
from photos.cards import PhotoCard
from photos.templatetags.folding import folded_photos
from photos.templatetags.times import ago
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


@dataclass(frozen=True, slots=True)
class Row:
    """A card, the followed tag that has brought it, and whether a filter of words folds it up."""

    shown: ShownCard
    brought: str
    folded: bool


def rows_of(
    page: FeedPage, viewer: User, saved: Collection[int], here: str, *, eager: bool
) -> list[Row]:
    """Return the rows of a page; with ``eager`` its first picture is loaded at once. No query."""
    folded = folded_photos(viewer, page.items)
    rows: list[Row] = []
    for card in page.items:
        identifier = card.id
        first = eager and not rows and identifier not in folded
        own = card.author.id == viewer.pk
        shown = ShownCard(card, here, ago(card.created_at), first, identifier in saved, own)
        rows.append(Row(shown, page.tags.get(identifier, ""), identifier in folded))
    return rows
