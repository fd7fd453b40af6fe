"""Cached pages of home feeds, and what invalidates them.

A page is stored under its owner's key. It depends on whom they follow and who has published since
(one dependency for each owner, invalidated for all followers of an author who publishes; one too
famous for that has one of their own), on which photos they like, and on each author on it, with
what is shown of all of that author's photos. The counts of its photos are leaves.
"""

from __future__ import annotations

from accounts import account_cache
from minigram_site.cache import invalidate
from photos.conversation import like_cache


def feed_dependency(owner_id: int) -> str:
    """Return the dependency "what belongs into this person's feed"."""
    return f"f:{owner_id}"


def ready_key(owner_id: int, cursor: str, limit: str, base: str) -> str:
    """Return the key of a page of a home feed, as ready JSON.

    ``cursor`` and ``limit`` are the texts in the query string, ``base`` begins all addresses.
    """
    return f"ready:{owner_id}:{cursor}:{limit}:{base}"


def feed_dependencies(owner_id: int) -> list[str]:
    """Return the dependencies of every page of a feed, beside those of its photos."""
    return [
        feed_dependency(owner_id),
        account_cache.blocks_dependency(owner_id),
        account_cache.RESTORED,
        like_cache.likes_dependency(owner_id),
    ]


def invalidate_feed(owner_id: int) -> None:
    """Invalidate the pages of one feed: its owner follows somebody, or no longer does."""
    invalidate(feed_dependency(owner_id))
