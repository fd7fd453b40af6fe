"""Photos of followed tags in the home feed: pulled when it is read, never stored.

A tag brings the photos that strangers are shown (``PhotoQuerySet.public_to``), but for those of
people who are muted; those of people who are followed are in the feed anyway, and are not marked
with it. The statement takes ``me``, ``at``
and ``limit`` as those of ``social.feed.sql`` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import OuterRef, QuerySet

from accounts.models import Follow, Mute, User
from minigram_site.db import IndexProbe, compiled_sql
from minigram_site.fields.snowflake import MADE_HERE_FROM
from photos.conversation.tag_cache import PUBLISHED, tag_dependency
from photos.models import Photo
from social.models import FollowedTag

# So many photos of each tag are looked at for a page, and so many of all tags together. Where more
# of them in a row are not public, older ones may be left out of the feed; the page of the tag has
# them. Beyond the largest page, and few enough for fifty tags.
WINDOW = 100

# The tag's key and the photo. The newest of the tags come first, by the index of each alone; who
# may see them is asked in their order, until there are enough.
_TAGGED = """
SELECT (SELECT tag.key FROM photos_tag tag WHERE tag.id = page.tag_id) AS key, page.photo_id AS id
FROM (
    SELECT newest.photo_id, MIN(newest.tag_id) AS tag_id FROM ({newest}) newest
    GROUP BY newest.photo_id ORDER BY newest.photo_id {direction} LIMIT {window}) page
WHERE EXISTS ({shown} LIMIT 1 OFFSET 0)
ORDER BY page.photo_id {direction} LIMIT %(limit)s
"""
_NEWEST_OF_EACH = {
    "postgresql": """
    SELECT tagged.photo_id, followed.tag_id FROM social_followedtag followed
    CROSS JOIN LATERAL (
        SELECT one.photo_id FROM photos_phototag one
        WHERE one.tag_id = followed.tag_id AND one.photo_id {beyond} %(at)s
        AND one.photo_id >= {here}
        ORDER BY one.photo_id {direction} LIMIT {window}) tagged
    WHERE followed.user_id = %(me)s
    """,
    "sqlite": """
    SELECT tagged.photo_id, followed.tag_id FROM social_followedtag followed
    CROSS JOIN photos_phototag tagged
    WHERE followed.user_id = %(me)s AND tagged.id IN (
        SELECT one.id FROM photos_phototag one
        WHERE one.tag_id = followed.tag_id AND one.photo_id {beyond} %(at)s
        AND one.photo_id >= {here}
        ORDER BY one.photo_id {direction} LIMIT {window})
    """,
}

Row = Sequence[Any]


@cache
def statement(vendor: str, *, backward: bool) -> str:
    """Return the query for key and photo of what the followed tags bring past ``at``."""
    travel = (">", "ASC") if backward else ("<", "DESC")
    values = {"beyond": travel[0], "direction": travel[1], "window": WINDOW}
    values["here"] = MADE_HERE_FROM
    return _TAGGED.format(
        newest=_NEWEST_OF_EACH[vendor].format(**values),
        shown=compiled_sql(_photo_of_stranger, ["page.photo_id", "%(me)s"]),
        **values,
    )


def merge(rows: Sequence[Row], brought: Sequence[Row], limit: int, *, backward: bool) -> list[Any]:
    """Return the first ``limit`` of both lists in the order of the page; rows begin with the id."""
    known = {row[0] for row in rows}
    both = [*rows, *(row for row in brought if row[0] not in known)]
    return sorted(both, key=lambda row: int(row[0]), reverse=not backward)[:limit]


def dependencies_of(owner_id: int) -> list[str]:
    """Return what a cached page of somebody who follows tags depends on beside all else. One query.

    That are the tags, and the photos that come into view without being new.
    """
    tags = FollowedTag.objects.filter(user=owner_id).values_list("tag_id", flat=True)
    return [PUBLISHED, *map(tag_dependency, tags)]


def _photo_of_stranger(photo_id: int, viewer_id: int) -> QuerySet[Photo, Any]:
    followed = Follow.objects.filter(follower=viewer_id, followee=OuterRef("author_id"))
    photos = Photo.objects.public_to(User(pk=viewer_id)).filter(pk=photo_id)
    photos = photos.filter(~IndexProbe(followed)).exclude(author=viewer_id)
    return photos.exclude(author__in=Mute.objects.active_ids(viewer_id)).values("pk")
