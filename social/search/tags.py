"""Tags by their words, and by what stands inside of them.

The tag itself first, then those whose words begin so, then the others; each of them the most
recently used first, as far as the viewer sees. A tag is found only if the viewer may see a photo
with it. Photos that are published while somebody pages on are left out of that order.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db.models import QuerySet

from accounts.models import Mute, Viewer
from minigram_site.db import compiled_sql
from minigram_site.fields.entities import tag_key
from minigram_site.fields.snowflake import MAX_ID, new_id
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page
from photos.models import Photo
from social.search import matching
from social.search.matching import Row, matched_sql, parameters, place_of_viewer, viewer_of, walked
from social.search.schema import TAG
from social.search.typed import Query

TAG_KEYS = ("rank", "id")
# While somebody types so many of the tags that match are looked at, and of each so many photos.
MOST_TYPED, MOST_PHOTOS = 25, 50
_SCORED = """
SELECT used.id, used.key, CASE WHEN used.key = %(name)s THEN {exact}
    WHEN used.begins = 1 THEN used.newest ELSE used.newest - {exact} END AS first
FROM (
    SELECT matched.id, matched.begins, (
        SELECT tag.key FROM photos_tag tag WHERE tag.id = matched.id) AS key, (
        SELECT link.photo_id FROM {links} link WHERE EXISTS ({visible})
        {again} LIMIT 1) AS newest
    FROM ({matched}) matched
    LIMIT {exact} OFFSET 0) used
WHERE used.newest IS NOT NULL
"""
# SQLite hands rows on in the order of the subquery, and does not know that it does: told to sort
# them it would ask who may see each of them.
_AGAIN = {"postgresql": "ORDER BY link.photo_id DESC", "sqlite": ""}
_LINKS = """
(SELECT one.photo_id FROM photos_phototag one
 WHERE one.tag_id = matched.id AND one.photo_id <= {since}
 ORDER BY one.photo_id DESC LIMIT {most} OFFSET 0)
"""


class FoundTag(NamedTuple):
    """A tag that some visible photo has."""

    id: int
    key: str

    @property
    def url(self) -> str:
        """The path of the page of the tag."""
        return f"/tags/{quote(self.key, safe='')}/"


def tags_page(
    query: Query, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[FoundTag]:
    """Return a page of tags of photos that ``viewer`` may see. One query, or none."""
    # Above all ids that were given out here, and below all later ones, whatever the millisecond.
    since = cursor.since if cursor else new_id()
    page = build_page(
        lambda at, limit: _rows(query, viewer, at, limit, since),
        cursor,
        size,
        lambda row: (row[-1], row[0]),
    ).as_of(since)
    return page.with_items([FoundTag(row[0], row[1]) for row in page.items])


def suggested_tags(query: Query, viewer: Viewer, number: int) -> list[FoundTag]:
    """Return up to ``number`` tags for what is being typed. One query, or none.

    Of those that match, ``MOST_TYPED`` are looked at: a tag that has none of the viewer's among
    its newest ``MOST_PHOTOS`` photos is left out.
    """
    if not query.terms:
        return []
    statement = _typed(
        number,
        inside=matching.asks_inside(TAG, query),
        is_known=viewer.pk is not None,
        is_postgresql=matching.is_postgresql(),
    )
    rows = matching.fetch_typed(statement, _values(query, viewer))
    return [FoundTag(row[0], row[1]) for row in rows]


@cache
def _typed(number: int, *, inside: bool, is_known: bool, is_postgresql: bool) -> str:
    """Return the statement of ``suggested_tags`` for one of the databases. No query."""
    parts = matching.parts_sql(TAG, inside=inside, most=MOST_TYPED)
    scored = _scored(matching.grouped_sql(parts), str(MAX_ID), MOST_PHOTOS, is_known=is_known)
    return matching.walk_sql(scored, "SELECT 1", number)


def _rows(query: Query, viewer: Viewer, cursor: Cursor | None, limit: int, since: int) -> list[Row]:
    if not query.terms:
        return []
    matched = matched_sql(TAG, query)
    scored = _scored(matched, "%(since)s", MAX_ID, is_known=viewer.pk is not None)
    values = {**_values(query, viewer), "since": since}
    return walked(scored, "SELECT 1", values, cursor, limit)


def _scored(matched: str, since: str, most: int, *, is_known: bool) -> str:
    return _SCORED.format(
        matched=matched,
        links=_LINKS.format(since=since, most=most),
        visible=_visible(is_known=is_known),
        again=_AGAIN["postgresql" if matching.is_postgresql() else "sqlite"],
        exact=MAX_ID,
    )


def _values(query: Query, viewer: Viewer) -> dict[str, Any]:
    name = tag_key(query.name) or query.name
    return {**parameters(query), "name": name, "me": viewer.pk}


@cache
def _visible(*, is_known: bool) -> str:
    return compiled_sql(findable, ["link.photo_id", *place_of_viewer(is_known=is_known)])


def findable(photo_id: int, viewer_id: int | None = None) -> QuerySet[Photo, Any]:
    """Return the query for a photo, if the viewer may find it.

    Those of limited people are found by nobody, those of muted ones not by who mutes them.
    """
    photos = Photo.objects.visible_to(viewer_of(viewer_id)).listed()
    photos = photos.filter(pk=photo_id, author__is_limited=False)
    if viewer_id is not None:
        photos = photos.exclude(author__in=Mute.objects.active_ids(viewer_id))
    return photos.values("pk")
