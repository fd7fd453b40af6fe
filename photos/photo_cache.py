"""Cached photos, and what invalidates them.

The words and files of a photo are cached once for all viewers, if its author is public and has
not archived it. What differs from viewer to viewer is not part of that entry: which photos a viewer
likes (``photos.conversation.like_cache``) and the blocks around the viewer
(``accounts.account_cache``) are entries of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import orjson

from accounts import account_cache
from minigram_site.cache import (
    HIT,
    MISS,
    POLL_SECONDS,
    STALE,
    WAIT_SECONDS,
    Built,
    Entry,
    Lease,
    Region,
    Writer,
    acquire_lock,
    claim,
    current_lease,
    invalidate,
    invalidate_many,
    lock_key,
    release_lock,
    require_changes_of,
)
from minigram_site.db import require_after_commit
from photos.conversation import like_cache
from photos.models import Photo

PHOTO = Region("photo")
COUNTS = Region("counts")

# A card's row ends with these: author, whether it is not for all to see, likes, comments, liked by
# me, whether no block hides anybody from the viewer, who then sees these counts.
Row = tuple[Any, ...]
ReadRows = Callable[[Sequence[int]], list[Row]]
_AUTHOR, _UNSHARED, _LIKES, _COMMENTS, _LIKED = -6, -5, -4, -3, -2
# The body of an entry that is not for all to see: read the photo from the database.
_NOT_SHARED = b""


def photo_dependency(photo_id: int) -> str:
    """Return the dependency "words and files of this photo"."""
    return f"p:{photo_id}"


def photos_dependency(author_id: int) -> str:
    """Return the dependency "which photos this author has"."""
    return f"a:{author_id}"


def counts_leaf(photo_id: int) -> str:
    """Return the name of the leaf with the counts of a photo."""
    return f"n:{photo_id}"


def counts_value(likes: int, comments: int) -> bytes:
    """Return the counts as their leaf holds them: two members of the photo's JSON."""
    return b'"like_count":%d,"comment_count":%d' % (likes, comments)


def counts_in(value: bytes) -> tuple[int, int]:
    """Return the likes and comments in the value of a leaf with counts."""
    numbers = orjson.loads(b"{%b}" % value)
    return numbers["like_count"], numbers["comment_count"]


def liked_value(liked: Any) -> bytes:
    """Return "liked by me" as JSON."""
    return b"true" if liked else b"false"


# ---------------------------------------------------------------- reading
def rows_of(identifiers: Sequence[int], viewer_id: int | None, read: ReadRows) -> list[Row]:
    """Return the card rows of those photos that the viewer may see, in any order.

    ``read`` reads the rows of some ids from the database. No query if all are cached, else two.
    """

    def read_current(photo_ids: Sequence[int]) -> list[Row]:
        require_changes_of(names_of(photo_ids, viewer_id))
        return read(photo_ids)

    lease = current_lease()
    if lease is None or not identifiers:
        return read_current(identifiers)
    known = _look(lease, identifiers, viewer_id)
    if known is None:
        PHOTO.count("error")
        return read_current(identifiers)
    known.count()
    if not known.missing:
        return known.rows
    return known.rows + _fill(lease, known, viewer_id, read_current)


def names_of(photo_ids: Iterable[int], viewer_id: int | None) -> Iterator[str]:
    """Yield the names of all that a change of these photos makes invalid, leaves included."""
    photo_ids = list(photo_ids)
    yield from map(photo_dependency, photo_ids)
    yield from map(counts_leaf, photo_ids)
    if viewer_id is not None:
        yield like_cache.likes_dependency(viewer_id)


def dependencies_of(authors: dict[int, int]) -> list[str]:
    """Return the dependencies of cards: the photos and their authors, by photo id."""
    names = [photo_dependency(photo) for photo in authors]
    return names + [account_cache.account_dependency(author) for author in set(authors.values())]


def values_of(rows: Iterable[Row]) -> dict[str, bytes]:
    """Return the values of the leaves with the counts of these rows, by name."""
    return {counts_leaf(row[0]): counts_value(row[_LIKES], row[_COMMENTS]) for row in rows}


def authors_in(rows: Iterable[Row]) -> set[int]:
    """Return the authors of the photos in these rows."""
    return {row[_AUTHOR] for row in rows}


def authors_of(photo_ids: Sequence[int]) -> dict[int, int]:
    """Return the authors of these photos, by photo. One query."""
    return dict(Photo.objects.filter(pk__in=photo_ids).values_list("id", "author_id"))


# ---------------------------------------------------------------- invalidation
def invalidate_created(photo_id: int, author_id: int, further: Iterable[str] = ()) -> None:
    """Invalidate what shows a photo that was just created, and the list of its author's photos.

    ``further`` names, of any number, are invalidated with it; they are not read without Redis.
    """
    require_after_commit(author_id)
    invalidate_many(chain(_photo(photo_id), _photos_of(author_id), further))


def invalidate_photo(photo_id: int, author_id: int) -> None:
    """Invalidate a photo whose words have changed."""
    invalidate(*_photo(photo_id), account_cache.shown_dependency(author_id))


def invalidate_deleted(photo_id: int, author_id: int) -> None:
    """Invalidate what shows a deleted photo, and let no replica show it any more."""
    require_after_commit()
    shown = account_cache.shown_dependency(author_id)
    invalidate(*_photo(photo_id), shown, *_photos_of(author_id))


def invalidate_counts(photo_id: int, *further: str) -> None:
    """Invalidate the counts of a photo, and ``further`` names."""
    invalidate(counts_leaf(photo_id), *further)


def invalidate_counts_of(photo_ids: Iterable[int]) -> None:
    """Invalidate the counts of these photos."""
    invalidate_many(map(counts_leaf, photo_ids))


def invalidate_like(user_id: int, photo_id: int, *further: str) -> None:
    """Invalidate the likes of one viewer, the counts of the photo, and ``further`` names."""
    invalidate(like_cache.likes_dependency(user_id), counts_leaf(photo_id), *further)


def _photo(photo_id: int) -> tuple[str, str]:
    return photo_dependency(photo_id), counts_leaf(photo_id)


def _photos_of(author_id: int) -> tuple[str, str]:
    return photos_dependency(author_id), account_cache.numbers_leaf(author_id)


# ---------------------------------------------------------------- the shared rows
class _Known:
    """What the cache knows of some photos."""

    def __init__(self) -> None:
        # Rows that the viewer may see; those hidden by a block are in none of the lists.
        self.rows: list[Row] = []
        # Ids that are missing or to be rebuilt; cached without one of their leaves; not cacheable.
        self.absent: list[int] = []
        self.bare: list[int] = []
        self.private: list[int] = []
        # Whether this process rebuilds one of them and holds its lock.
        self.locked = False
        self.outcomes: list[tuple[Region, str]] = []

    @property
    def missing(self) -> list[int]:
        """Those that the database has to be asked for."""
        return self.absent + self.bare + self.private

    def add(self, identifier: int, entry: Entry, counts: Any, *, liked: bool | None) -> bool:
        """Take in what was found of a photo; tell whether it is all there."""
        if entry.state == MISS:
            self.absent.append(identifier)
            self.outcomes.append((PHOTO, "miss"))
            return False
        self.outcomes += [
            (PHOTO, "hit" if entry.state == HIT else "stale"),
            (COUNTS, "hit" if counts else "miss"),
        ]
        is_whole = bool(counts) and liked is not None
        if entry.body == _NOT_SHARED:
            self.private.append(identifier)
        elif not is_whole:
            self.bare.append(identifier)
        return entry.body != _NOT_SHARED and is_whole

    def count(self) -> None:
        """Count the outcomes."""
        for region, outcome in self.outcomes:
            region.count(outcome)


def _look(lease: Lease, identifiers: Sequence[int], viewer_id: int | None) -> _Known | None:
    """Return what is cached, or ``None`` if Redis does not answer. One round trip."""
    entries = [(PHOTO, str(identifier)) for identifier in identifiers]
    if viewer_id is not None:
        viewer = str(viewer_id)
        entries += [(like_cache.LIKES, viewer), (account_cache.BLOCKS, viewer)]
    claimed = claim(lease, entries, [counts_leaf(photo) for photo in identifiers])
    if claimed is None:
        return None
    *found, asked = claimed.found
    blocked: frozenset[int] = frozenset()
    likes = like_cache.NONE
    if viewer_id is not None:
        blocked = _blocked(found.pop(), viewer_id)
        likes = like_cache.current_likes(found.pop(), viewer_id)
    known = _Known()
    for identifier, entry, counts in zip(identifiers, found, asked.leaves, strict=True):
        liked = like_cache.is_liked(likes, identifier)
        if entry.state == STALE and acquire_lock(lease, PHOTO, str(identifier)):
            known.absent.append(identifier)
            known.locked = True
            known.outcomes.append((PHOTO, "miss"))
        elif known.add(identifier, entry, counts, liked=liked):
            row = _row(entry.body, counts or b"", liked=bool(liked), shared=not blocked)
            known.rows += [row] if row[_AUTHOR] not in blocked else []
    return known


def _blocked(found: Entry, viewer_id: int) -> frozenset[int]:
    if found.state != HIT:
        return account_cache.blocked_around(viewer_id)
    account_cache.BLOCKS.count("hit")
    return account_cache.blocks_in(found)


def _row(body: bytes, counts: bytes, *, liked: bool, shared: bool) -> Row:
    return (*row_of(body)[:_LIKES], *counts_in(counts), liked, shared)


def is_shared(entry: Entry) -> bool:
    """Tell whether an entry of region ``PHOTO`` holds the photo: only what all may see."""
    return entry.body != _NOT_SHARED


def row_of(body: bytes) -> Row:
    """Return the row in the body of a shared entry, with counts of 0: they are leaves."""
    *lasting, author_id = orjson.loads(body)
    return (*lasting, author_id, False, 0, 0, False, True)


def built(row: Row) -> Built:
    """Return the entry of region ``PHOTO`` for a row."""
    key, body, dependencies, _ = _entry(row)
    return Built(PHOTO, key, body, dependencies)


def _fill(lease: Lease, known: _Known, viewer_id: int | None, read: ReadRows) -> list[Row]:
    """Read what is missing; while another process rebuilds it, wait for its result first."""
    wanted = known.absent + known.bare
    if not wanted:
        return read(known.private)
    if not known.locked and not acquire_lock(lease, PHOTO, str(wanted[0])):
        again = _wait(lease, wanted, viewer_id)
        if again is not None:
            PHOTO.count("wait")
            return again.rows + (read(missing) if (missing := again.missing) else [])
    PHOTO.count("rebuild", len(known.absent))
    try:
        return _read(lease, wanted, known.private, viewer_id, read)
    finally:
        for identifier in known.absent or wanted[:1]:
            release_lock(lock_key(lease, PHOTO, str(identifier)))


def _wait(lease: Lease, wanted: list[int], viewer_id: int | None) -> _Known | None:
    """Return what another process has cached within ``WAIT_SECONDS``, else ``None``."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        known = _look(lease, wanted, viewer_id)
        if known is None or not known.absent + known.bare:
            return known
    return None


def _read(
    lease: Lease, wanted: list[int], private: list[int], viewer_id: int | None, read: ReadRows
) -> list[Row]:
    writer = Writer(lease)
    authors = authors_of(wanted)
    writer.depends_on(*dependencies_of(authors), *map(counts_leaf, authors))
    rows = read([*authors, *private])
    shown = [row for row in rows if row[0] in authors]
    writer.store_all(PHOTO, map(_entry, shown), values_of(shown))
    return rows


def _entry(row: Row) -> tuple[str, bytes, list[str], tuple[str, ...]]:
    body = _NOT_SHARED if row[_UNSHARED] else orjson.dumps(row[: _AUTHOR + 1])
    return str(row[0]), body, dependencies_of({row[0]: row[_AUTHOR]}), ()
