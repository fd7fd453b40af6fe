"""The popular photos, page by page as they stood when the first page was read.

Likes move photos up while somebody reads on. So the cursor of a page also names the newest like of
the moment when the first page was read, and on later pages what has been liked since is ranked by
the likes that it had then: nothing is left out and nothing is repeated. A like that is taken back
moves its photo down at once; such a photo may be shown twice, never not at all.
"""

from __future__ import annotations

from functools import cache
from heapq import nlargest, nsmallest
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User, Viewer
from minigram_site.db import compiled_sql, fetch_compiled, read_alias
from minigram_site.web.pagination import Cursor
from photos.models import Like, Photo, PhotoStats
from photos.statements import popularity

# Of the likes since the first page so many are taken into account, the newest: what is read for a
# page does not grow with the time that somebody takes.
MOST_LIKES = 2000

# Photos that stand as they stood, with their popularity; photos liked since, with the likes before.
_LATER = """
WITH recent AS (
    SELECT newest.photo_id, COUNT(*) AS likes FROM (
        SELECT liked.photo_id FROM photos_like liked
        WHERE liked.id > %(since)s AND EXISTS (
            SELECT 1 FROM accounts_user person
            WHERE person.id = liked.user_id AND person.is_active
            LIMIT 1 OFFSET 0)
        ORDER BY liked.id DESC LIMIT %(most)s) newest
    GROUP BY newest.photo_id)
SELECT 0, still.popularity, still.photo_id FROM (
    SELECT stats.popularity, stats.photo_id FROM photos_photostats stats
    WHERE (stats.popularity, stats.photo_id) {beyond} (%(rank)s, %(photo)s)
    AND stats.photo_id NOT IN (SELECT recent.photo_id FROM recent)
    AND EXISTS ({stands} LIMIT 1 OFFSET 0)
    ORDER BY stats.popularity {direction}, stats.photo_id {direction} LIMIT %(limit)s) still
UNION ALL
SELECT 1, (
    SELECT stats.like_count FROM photos_photostats stats
    WHERE stats.photo_id = recent.photo_id) - recent.likes, recent.photo_id
FROM recent WHERE EXISTS ({moved} LIMIT 1 OFFSET 0)
"""

# Popularity and id: the sort key.
Key = tuple[int, ...]


def public_people(viewer: Viewer) -> QuerySet[User, Any]:
    """Return the public people that ``viewer`` may see, without limited ones and whom they mute.

    Used as a subquery per photo (``Exists``) rather than a join, so that both databases walk the
    photos in the order of the page and stop when it is full.
    """
    people = User.objects.viewable_by(viewer).filter(is_private=False, is_limited=False)
    return people.not_muted_by(viewer)


def first_keys(viewer: Viewer, limit: int) -> tuple[list[Key], int]:
    """Return the keys of the most popular photos, and the newest like by now. One query."""
    if viewer.pk is None:
        rows = fetch_compiled(("popular", "visitor", limit), lambda: most_popular()[:limit], [])
    else:
        key = ("popular", limit)
        rows = fetch_compiled(key, lambda pk: most_popular(pk)[:limit], [viewer.pk])
    return [row[:2] for row in rows], (rows[0][2] if rows else 0) or 0


def later_keys(viewer: Viewer, cursor: Cursor, limit: int) -> list[Key]:
    """Return the keys of up to ``limit`` photos past ``cursor``, as they stood. One query.

    Reads ``MOST_LIKES`` likes at the most.
    """
    rank, photo = cursor.position
    parameters = {
        "me": viewer.pk,
        "rank": rank,
        "photo": photo,
        "since": cursor.since,
        "most": MOST_LIKES,
        "limit": limit,
    }
    statement = _later(backward=cursor.backward, known=viewer.pk is not None)
    with connections[read_alias()].cursor() as database:
        database.execute(statement, parameters)
        rows = database.fetchall()
    still = [(number, photo) for moved, number, photo in rows if not moved]
    stood = [(popularity(photo, likes), photo) for moved, likes, photo in rows if moved]
    if cursor.backward:
        return nsmallest(limit, [*still, *(key for key in stood if key > cursor.position)])
    return nlargest(limit, [*still, *(key for key in stood if key < cursor.position)])


def most_popular(viewer_id: int | None = None) -> QuerySet[Any, Any]:
    """Return the query for the keys of public photos, and the newest like by now."""
    people = public_people(_viewer(viewer_id)).filter(pk=OuterRef("photo__author_id"))
    newest = Subquery(Like.objects.order_by("-pk").values("pk")[:1])
    keys = ("popularity", "photo_id")
    photos = PhotoStats.objects.filter(Exists(people), photo__hidden=False, photo__archived=False)
    photos = photos.order_by(*(f"-{key}" for key in keys))
    return photos.annotate(newest=newest).values_list(*keys, "newest")


@cache
def _later(*, backward: bool, known: bool) -> str:
    return _LATER.format(
        stands=_is_public("stats.photo_id", known=known),
        moved=_is_public("recent.photo_id", known=known),
        beyond=">" if backward else "<",
        direction="ASC" if backward else "DESC",
    )


def _is_public(photo: str, *, known: bool) -> str:
    """Return the query for a photo, if it is public to the viewer (a visitor unless ``known``)."""
    if known:
        return compiled_sql(_public_photo, [photo, "%(me)s"])
    return compiled_sql(_public_photo, [photo])


def _public_photo(photo_id: int, viewer_id: int | None = None) -> QuerySet[Photo, Any]:
    people = public_people(_viewer(viewer_id)).filter(pk=OuterRef("author_id"))
    return Photo.objects.listed().filter(Exists(people), pk=photo_id).values("pk")


def _viewer(viewer_id: int | None) -> Viewer:
    return AnonymousUser() if viewer_id is None else User(pk=viewer_id)
