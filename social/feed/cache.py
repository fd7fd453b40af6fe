"""Cached pages of home feeds, and what invalidates them.

A page is stored under its owner's key. It depends on whom they follow and who has published since
(one dependency for each owner, invalidated for all followers of an author who publishes; one too
famous for that has one of their own), and on each photo and author on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import orjson

from accounts import account_cache
from minigram_site.cache import (
    Region,
    Writer,
    current_lease,
    get_or_build,
    invalidate,
    require_changes_of,
)
from minigram_site.web.pagination import Cursor, Page, parse_cursor
from photos import photo_cache

FEED = Region("feed")


def feed_dependency(owner_id: int) -> str:
    """Return the dependency "what belongs into this person's feed"."""
    return f"f:{owner_id}"


def ready_key(owner_id: int, cursor: str, limit: str, base: str) -> str:
    """Return the key of a page of a home feed, as ready JSON.

    ``cursor`` and ``limit`` are the texts in the query string, ``base`` begins all addresses.
    """
    return f"ready:{owner_id}:{cursor}:{limit}:{base}"


def feed_ids(
    owner_id: int,
    cursor: Cursor | None,
    size: int,
    ids: Callable[[list[int]], Page[int]],
    famous: Callable[[], Iterable[int]],
) -> Page[int]:
    """Return the ids of a page of a home feed, cached where there is a Redis.

    ``ids`` reads them from the database and appends every id that decides what the page is to its
    argument; ``famous`` reads which followed authors are too famous to be written into feeds.
    No query on a hit.
    """
    if current_lease() is None:
        require_changes_of(feed_dependencies(owner_id))
        return ids([])

    def build(writer: Writer) -> bytes:
        seen: list[int] = []
        dependencies = feed_dependencies(owner_id)
        writer.depends_on(*dependencies)
        dependencies += note_famous(writer, famous())
        page = ids(seen)
        authors = photo_cache.authors_of(seen)
        dependencies += photo_cache.dependencies_of(authors)
        writer.depends_on(*photo_cache.dependencies_of(authors))
        body = orjson.dumps([page.items, _text(page.next), _text(page.previous)])
        # Their tokens were captured after they were found: they must still belong here.
        if photo_cache.are_shown(seen):
            writer.store(FEED, key, body, dependencies)
        return body

    key = f"{owner_id}:{cursor or ''}:{size}"
    items, following, preceding = orjson.loads(get_or_build(FEED, key, build).body)
    return Page(items, parse_cursor(following), parse_cursor(preceding))


def feed_dependencies(owner_id: int) -> list[str]:
    """Return the dependencies of every page of a feed, beside those of its photos."""
    return [
        feed_dependency(owner_id),
        account_cache.blocks_dependency(owner_id),
        account_cache.RESTORED,
    ]


def note_famous(writer: Writer, famous: Iterable[int]) -> list[str]:
    """Let ``writer`` depend on the photos of these famous authors; return the dependencies."""
    stars = list(map(photo_cache.photos_dependency, famous))
    if stars:
        writer.depends_on(*stars)
    return stars


def invalidate_feed(owner_id: int) -> None:
    """Invalidate the pages of one feed: its owner follows somebody, or no longer does."""
    invalidate(feed_dependency(owner_id))


def _text(cursor: Cursor | None) -> str:
    return str(cursor) if cursor else ""
