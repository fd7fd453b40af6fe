"""Cards that a process keeps, each with the versions of the rows that it was made from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from minigram_site.memory_cache import BoundedCache, LastKept
from photos.api.json_fragments import Versions, VisiblePhoto
from photos.cards import PhotoCard, card_of, read_rows, row_of_lasting, with_seen_counts
from photos.photo_cache import Row

# Of all cards of a process: some ten thousand.
MAX_BYTES = 32_000_000
# What an entry takes beside its texts: tuples, numbers, the key and the versions.
_ENTRY_BYTES = 1_200
# The last four fields of a card change with likes, comments and blocks, and with the viewer.
_LASTING = len(PhotoCard._fields) - 4

Lasting = tuple[Any, ...]


class Kept(NamedTuple):
    """What does not change of a card, of which versions of its rows, and the bytes it takes."""

    versions: Versions
    lasting: Lasting
    size: int


# By id of the photo.
kept_cards: BoundedCache[int, Kept] = BoundedCache(MAX_BYTES, lambda kept: kept.size)
# Of each author, by name, the photo whose card was kept last.
_authors: LastKept[str, int] = LastKept(kept_cards)


def cards_of_visible(photos: Sequence[VisiblePhoto], viewer_id: int | None) -> list[PhotoCard]:
    """Return the cards of these photos, in their order, with the counts that the viewer sees.

    No query; one where this process does not know one of them as it is now, and one more for
    viewers with blocks. A photo that has gone or was hidden meanwhile is left out.
    """
    lasting = {
        photo.id: kept.lasting
        for photo in photos
        if (kept := kept_cards.get(photo.id)) and kept.versions == photo.versions
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


def knows_author(username: str) -> bool:
    """Tell whether this process keeps cards of this author's photos, as far as one tells."""
    return _authors.knows(username)


def keep(rows: Iterable[tuple[VisiblePhoto, Row]]) -> None:
    """Keep the cards of photos whose ``LASTING_COLUMNS`` were read with their versions."""
    for photo, lasting in rows:
        _keep(photo.versions, row_of_lasting(photo.id, photo.author_id, lasting))


def _read(photos: Sequence[VisiblePhoto], viewer_id: int | None) -> dict[int, Lasting]:
    """Read these photos and keep what they say. One query.

    They are read after their versions: what is kept can be newer than its version says, which
    then is read once more, but never older.
    """
    versions = {photo.id: photo.versions for photo in photos}
    rows = read_rows(list(versions), viewer_id)
    return {row[0]: _keep(versions[row[0]], row) for row in rows}


def _keep(versions: Versions, row: Row) -> Lasting:
    card = card_of(row)
    lasting = tuple(card[:_LASTING])
    texts = [part for part in row if type(part) is str]
    size = _ENTRY_BYTES + sum(map(sys.getsizeof, texts))
    kept_cards.put(card.id, Kept(versions, lasting, size))
    _authors.note(card.author.username, card.id)
    return lasting
