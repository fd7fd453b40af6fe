"""Photos as JSON fragments: what no like changes is rendered once and memoized in this process.

Of a photo that a list has shown before, the database need not say its words, addresses and author
again, but only whether the viewer may see it, its counts, and the versions of the two rows that
the rest was made from (``RowVersion``). It is asked all of that every time, so what is shown is
never older than the answer of the database; versions that are not known here cost one more query.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from django.db.models import QuerySet

from minigram_site.db import RowVersion, compiled_sql
from minigram_site.memory_cache import BoundedCache, LastKept
from photos import photo_cache
from photos.api.json import lasting_json
from photos.cards import PhotoCard, asked_by_user, card_of, read_rows, row_of_lasting
from photos.models import Photo
from photos.photo_cache import Row

# Of all fragments of a process. One is as long as caption and descriptions are: mostly a kilobyte.
MAX_BYTES = 16 * 1024**2
# What an entry takes beside its JSON: the key, the versions, and the objects around them.
ENTRY_BYTES = 400
# None where the database has no row versions.
Versions = tuple[Any, ...]


class VisiblePhoto(NamedTuple):
    """A photo that the viewer may see: what its rows are now, and what changes beside them."""

    id: int
    author_id: int
    versions: Versions
    like_count: int
    comment_count: int
    liked: bool
    # Whether the viewer sees these counts: no block hides anybody from them.
    counts_are_shared: bool


class Fragment(NamedTuple):
    """The JSON of a photo without its closing brace, and what it ends with."""

    id: int
    lasting: bytes
    like_count: int
    comment_count: int
    liked: bool
    counts_are_shared: bool

    def json(self) -> bytes:
        """Return all of it; the order of its members is that of ``photo_json``."""
        return b'%b,"like_count":%d,"comment_count":%d,"liked":%b}' % (
            self.lasting,
            self.like_count,
            self.comment_count,
            b"true" if self.liked else b"false",
        )


# (id, base of addresses) -> the versions it was made from, and the JSON without its closing brace
_fragments: BoundedCache[tuple[int, str], tuple[Versions, bytes]] = BoundedCache(
    MAX_BYTES, lambda kept: ENTRY_BYTES + len(kept[1])
)
# Of each author, by name and base, the photo whose JSON was kept last.
_authors: LastKept[tuple[str, str], tuple[int, str]] = LastKept(_fragments)
# (body of an entry, base of addresses) -> the JSON without its closing brace, which is longer.
_of_entries: BoundedCache[tuple[bytes, str], bytes] = BoundedCache(
    MAX_BYTES, lambda lasting: ENTRY_BYTES + 2 * len(lasting)
)


# What ``visible_photo`` reads of a photo.
VISIBLE_COLUMNS = (
    "id",
    "author_id",
    RowVersion("caption"),
    RowVersion("author__username"),
    "stats__like_count",
    "stats__comment_count",
    "liked",
    "counts_are_shared",
)


def visible_photo_sql(viewer: str, photo: str) -> str:
    """Return the query for ``VISIBLE_COLUMNS`` of a photo.

    ``viewer`` and ``photo`` are the SQL of their ids. No row if the viewer may not see it.
    """
    return compiled_sql(_visible_photo, [viewer, photo])


def visible_photo(row: Sequence[Any]) -> VisiblePhoto:
    """Return what a row of ``visible_photo_sql`` says."""
    identifier, author, photo_version, author_version, *changing = row
    return VisiblePhoto(identifier, author, (photo_version, author_version), *changing)


def fragments_of(photos: Sequence[VisiblePhoto], viewer_id: int, base: str) -> list[Fragment]:
    """Return what is shown of these photos, in their order. No query, or one for those unknown.

    A photo that has gone or was hidden meanwhile is left out.
    """
    lasting = {
        photo.id: kept[1]
        for photo in photos
        if (kept := _fragments.get((photo.id, base))) and kept[0] == photo.versions
    }
    if len(lasting) < len(photos):
        unknown = [photo for photo in photos if photo.id not in lasting]
        lasting |= _render(unknown, viewer_id, base)
    return [
        Fragment(photo.id, lasting[photo.id], *photo[3:]) for photo in photos if photo.id in lasting
    ]


def knows_author(username: str, base: str) -> bool:
    """Tell whether this process keeps JSON of this author's photos, as far as one tells."""
    return _authors.knows((username, base))


def keep(rows: Iterable[tuple[VisiblePhoto, Row]], base: str) -> None:
    """Keep the JSON of photos whose ``LASTING_COLUMNS`` were read with their versions."""
    for photo, lasting in rows:
        card = card_of(row_of_lasting(photo.id, photo.author_id, lasting))
        _keep(photo.versions, card, base)


def fragment_of_card(card: PhotoCard, base: str) -> Fragment:
    """Return what is shown of a photo from its card, for databases without row versions."""
    return Fragment(card.id, _lasting_json(card, base), *card[-4:])


def lasting_of_entry(body: bytes, base: str) -> bytes:
    """Return the JSON of a shared entry of region ``PHOTO``, without its closing brace. No query.

    It follows from the body alone, and is kept in this process under it.
    """
    lasting = _of_entries.get((body, base))
    if lasting is None:
        lasting = _lasting_json(card_of(photo_cache.row_of(body)), base)
        _of_entries.put((body, base), lasting)
    return lasting


def _lasting_json(card: PhotoCard, base: str) -> bytes:
    return orjson.dumps(lasting_json(card, base))[:-1]


def _render(photos: Sequence[VisiblePhoto], viewer_id: int, base: str) -> dict[int, bytes]:
    """Read the rows of these photos and keep what they say. One query.

    They are read after their versions: what is kept can be newer than its version says, which
    then asks once more, but never older.
    """
    versions = {photo.id: photo.versions for photo in photos}
    cards = map(card_of, read_rows(list(versions), viewer_id))
    return {card.id: _keep(versions[card.id], card, base) for card in cards}


def _keep(versions: Versions, card: PhotoCard, base: str) -> bytes:
    lasting = _lasting_json(card, base)
    key = (card.id, base)
    _fragments.put(key, (versions, lasting))
    _authors.note((card.author.username, base), key)
    return lasting


def _visible_photo(viewer_id: int, photo_id: int) -> QuerySet[Photo, Any]:
    return asked_by_user(viewer_id, photo_id).values_list(*VISIBLE_COLUMNS)
