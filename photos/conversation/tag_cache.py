"""What makes a cached list of the photos of a tag invalid: home feeds of those who follow it."""

from __future__ import annotations

from collections.abc import Iterable

from minigram_site.cache import invalidate_many

# The dependency that is invalidated when photos come into strangers' view without being new: an
# account becomes public, a photo is shown again.
PUBLISHED = "published"


def tag_dependency(tag_id: int) -> str:
    """Return the dependency "which photos have this tag"."""
    return f"t:{tag_id}"


def invalidate_tags(tag_ids: Iterable[int]) -> None:
    """Invalidate the lists of the photos of these tags, with the commit of this transaction."""
    invalidate_many(map(tag_dependency, tag_ids))
