"""What is cached of feeds and profiles, and what a change makes invalid.

A page of a feed stands under its owner's key. It depends on whom they follow and who has
published since (one version for each owner, touched for all followers of whoever publishes; an
author too famous for that has one of their own), and on each photo and author on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from accounts import account_cache
from minigram_site.cache import (
    Region,
    Writer,
    current_lease,
    get_or_build,
    invalidate,
    invalidate_many,
    lookup,
)
from minigram_site.web.pagination import Cursor, Page, parse_cursor
from photos import photo_cache

FEED = Region("feed")
PROFILE = Region("profile")
RELATION = Region("relation")

Row = Sequence[Any]
# What a row of a profile ends with: three counts, then what stands between the two.
_COUNTS, _RELATION = slice(-9, -6), slice(-6, None)
_ID, _PRIVATE = 0, 6


def feed_version(owner_id: int) -> str:
    """Return the name of what belongs into somebody's feed."""
    return f"f:{owner_id}"


# ---------------------------------------------------------------- feeds
def feed_ids(
    owner_id: int, cursor: Cursor | None, size: int,
    ids: Callable[[list[int]], Page[int]], famous: Callable[[], Iterable[int]],
) -> Page[int]:  # fmt: skip
    """Return the ids of a page of a feed, cached where there is a Redis.

    ``ids`` reads them and notes all that it has seen, ``famous`` those followed who are too
    famous to be written into feeds.
    """
    if current_lease() is None:
        return ids([])

    def build(writer: Writer) -> bytes:
        seen: list[int] = []
        needs = feed_needs(owner_id)
        writer.depends_on(*needs)
        needs += note_famous(writer, famous())
        page = ids(seen)
        authors = photo_cache.authors_of(seen)
        needs += photo_cache.names_of(authors)
        writer.depends_on(*photo_cache.names_of(authors))
        body = orjson.dumps([page.items, _text(page.next), _text(page.previous)])
        # Their versions were noted after they were found: they must still belong here.
        if photo_cache.are_shown(seen):
            writer.store(FEED, key, body, needs)
        return body

    key = f"{owner_id}:{cursor or ''}:{size}"
    items, following, preceding = orjson.loads(get_or_build(FEED, key, build).body)
    return Page(items, parse_cursor(following), parse_cursor(preceding))


def feed_needs(owner_id: int) -> list[str]:
    """Return the names of what every page of a feed depends on, beside what is on it."""
    return [feed_version(owner_id), account_cache.blocks_version(owner_id), account_cache.RESTORED]


def note_famous(writer: Writer, famous: Iterable[int]) -> list[str]:
    """Note and return which photos those have who are too famous to be written into feeds."""
    stars = list(map(photo_cache.photos_version, famous))
    if stars:
        writer.depends_on(*stars)
    return stars


def invalidate_feed(owner_id: int) -> None:
    """Say that other photos belong into somebody's feed: they follow, or no longer."""
    invalidate(feed_version(owner_id))


def invalidate_feeds(owner_ids: Iterable[int]) -> None:
    """Say the same of many: of the followers of whoever publishes. Read only if there is need."""
    invalidate_many(map(feed_version, owner_ids))


# ---------------------------------------------------------------- profiles
def profile_row(
    username: str, viewer_id: int | None,
    identify: Callable[[], int | None], read_row: Callable[[], Row | None],
) -> Row | None:  # fmt: skip
    """Return the row of a profile as the viewer sees it; no query if it is cached.

    ``identify`` reads the id of the person, ``read_row`` the row.
    """
    lease = current_lease()
    if lease is None:
        return read_row()
    rows: list[Row | None] = []

    def build(writer: Writer) -> bytes | None:
        user_id = identify()
        row = None
        if user_id is not None:
            row = _read_profile(writer, user_id, username, viewer_id, read_row)
        rows.append(row)
        return None

    found = get_or_build(PROFILE, username, build)
    if rows:
        return rows[0]
    row = orjson.loads(found.body)
    numbers = found.leaves[0] if found.leaves else None
    relation: bytes | None = b"[false,false,false,false,true]"
    if viewer_id is not None and numbers:
        leaf = account_cache.relation_leaf(viewer_id, row[_ID])
        looked = lookup(lease, [], [leaf])
        relation = looked[-1].leaves[0] if looked else None
        RELATION.count("hit" if relation else "miss")
    if not numbers or not relation:
        return _read_profile(Writer(lease), row[_ID], username, viewer_id, read_row)
    between = orjson.loads(relation)
    may_see = between[-1] and (not row[_PRIVATE] or between[0] or row[_ID] == viewer_id)
    return [*row, *orjson.loads(numbers), *between, may_see]


def _read_profile(
    writer: Writer, user_id: int, username: str, viewer_id: int | None,
    read_row: Callable[[], Row | None],
) -> Row | None:  # fmt: skip
    person, numbers = account_cache.person_version(user_id), account_cache.numbers_leaf(user_id)
    leaves = [numbers]
    if viewer_id is not None:
        leaves.append(account_cache.relation_leaf(viewer_id, user_id))
    writer.depends_on(person, *leaves)
    row = read_row()
    if row is None or row[_ID] != user_id:
        return row
    shown = list(row[: _COUNTS.start])
    shown[_PRIVATE] = bool(shown[_PRIVATE])
    between = [bool(fact) for fact in row[_RELATION]][:-1]
    values = dict(zip(leaves, [orjson.dumps(row[_COUNTS]), orjson.dumps(between)], strict=False))
    writer.store(PROFILE, username, orjson.dumps(shown), [person], [numbers], values)
    return row


def _text(cursor: Cursor | None) -> str:
    return str(cursor) if cursor else ""
