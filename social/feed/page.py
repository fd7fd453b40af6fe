"""A page of the home feed: photo cards, which of them are saved, and what a tag has brought."""

from __future__ import annotations

from dataclasses import dataclass, field

from minigram_site.web.pagination import Page
from photos.cards import PhotoCard


@dataclass(frozen=True, slots=True)
class FeedPage(Page[PhotoCard]):
    """A page of cards; ``tags`` has the key of a tag by the id of a photo that it has brought.

    It may name photos that are on no page. Empty for people who follow no tag. ``saved`` has the
    ids of those photos that the reader has saved, where the statement of the page says it: on
    PostgreSQL.
    """

    tags: dict[int, str] = field(default_factory=dict)
    saved: frozenset[int] | None = None
