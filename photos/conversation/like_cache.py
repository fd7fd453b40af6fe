"""Which photos somebody likes, as one cached entry: "liked by me" on whatever they open.

Few people read one photo twice, but all read many. What was kept by viewer and photo would be
missing nearly each time; what is kept by viewer answers for all photos until they like the next.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from minigram_site.cache import HIT, Built, Entry, Region, Writer, get_or_build
from minigram_site.db import fetch_compiled
from photos.models import Like

LIKES = Region("likes", soft_ttl=900, hard_ttl=300)
# So many likes of a person are kept, those of the newest photos.
MOST_LIKES = 1000
# The body of an entry of somebody who likes nothing. It is the id of the photo from which on all
# likes are there, then those of the photos that are liked, with a comma after each.
NONE = b"0,"


def likes_dependency(viewer_id: int) -> str:
    """Return the dependency "which photos this viewer likes"."""
    return f"l:{viewer_id}"


def is_liked(likes: bytes, photo_id: int) -> bool | None:
    """Tell by the body of an entry whether a photo is liked; ``None`` if it is older than those."""
    if b",%d," % photo_id in likes:
        return True
    return False if photo_id >= int(likes.partition(b",")[0]) else None


def current_likes(found: Entry, viewer_id: int) -> bytes:
    """Return the body of a viewer's entry, which was looked up. No query on a hit, else one."""

    def build(writer: Writer) -> bytes:
        name = likes_dependency(viewer_id)
        writer.depends_on(name)
        body = _read(viewer_id)
        writer.store(LIKES, str(viewer_id), body, [name])
        return body

    if found.state != HIT:
        return get_or_build(LIKES, str(viewer_id), build).body
    LIKES.count("hit")
    return found.body


def built(viewer_id: int) -> Built:
    """Return a viewer's entry as the database has it. One query."""
    return Built(LIKES, str(viewer_id), _read(viewer_id), [likes_dependency(viewer_id)])


def _read(viewer_id: int) -> bytes:
    liked = [row[0] for row in fetch_compiled(("likes",), _newest_liked, [viewer_id])]
    since = liked[MOST_LIKES - 1] if len(liked) > MOST_LIKES else 0
    return b"".join(b"%d," % number for number in (since, *liked[:MOST_LIKES]))


def _newest_liked(viewer_id: int) -> QuerySet[Like, Any]:
    liked = Like.objects.filter(user=viewer_id).order_by("-photo_id").values_list("photo_id")
    return liked[: MOST_LIKES + 1]
