"""Cards that a process keeps, each with the versions of the rows that it was made from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from minigram_site.memory_cache import BoundedCache
from photos.api.json_fragments import Versions, VisiblePhoto
from photos.cards import PhotoCard, card_of, read_rows, with_seen_counts

# Of all cards of a process: about eight thousand.
MAX_BYTES = 16_000_000
# What an entry takes beside its texts: tuples, numbers, the key and the versions.
_ENTRY_BYTES = 1_200
# The last four fields of a card change with likes, comments and blocks, and with the viewer.
_LASTING = len(PhotoCard._fields) - 4

Lasting = tuple[Any, ...]


def size_of(kept: tuple[Versions, Lasting]) -> int:
    """Return the bytes of an entry."""
    return _ENTRY_BYTES + _texts(kept[1])


def _texts(part: Any) -> int:
    if isinstance(part, str):
        return sys.getsizeof(part)
    return sum(map(_texts, part)) if isinstance(part, tuple) else 0


# By id of the photo.
kept_cards: BoundedCache[int, tuple[Versions, Lasting]] = BoundedCache(MAX_BYTES, size_of)


def cards_of_visible(photos: Sequence[VisiblePhoto], viewer_id: int | None) -> list[PhotoCard]:
    """Return the cards of these photos, in their order, with the counts that the viewer sees.

    No query; one where this process does not know one of them as it is now, and one more for
    viewers with blocks. A photo that has gone or was hidden meanwhile is left out.
    """
    lasting = {
        photo.id: kept[1]
        for photo in photos
        if (kept := kept_cards.get(photo.id)) and kept[0] == photo.versions
    }
    if len(lasting) < len(photos):
        lasting |= _read([photo for photo in photos if photo.id not in lasting], viewer_id)
    cards = [
        PhotoCard._make(
            (
                *lasting[photo.id],
                photo.like_count,
                photo.comment_count,
                bool(photo.liked),
                bool(photo.counts_are_shared),
            )
        )
        for photo in photos
        if photo.id in lasting
    ]
    return with_seen_counts(cards, viewer_id)


def _read(photos: Sequence[VisiblePhoto], viewer_id: int | None) -> dict[int, Lasting]:
    """Read these photos and keep what they say. One query.

    They are read after their versions: what is kept can be newer than its version says, which
    then is read once more, but never older.
    """
    versions = {photo.id: photo.versions for photo in photos}
    found = {}
    for card in map(card_of, read_rows(list(versions), viewer_id)):
        found[card.id] = tuple(card[:_LASTING])
        kept_cards.put(card.id, (versions[card.id], found[card.id]))
    return found
