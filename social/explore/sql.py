"""The statements of explore on PostgreSQL: the keys of a page, and what its viewer sees of each.

Both take how many rows as ``$1``. ``viewer`` is the SQL of the viewer's id, empty for visitors.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from minigram_site.db import compiled_sql
from minigram_site.web.pagination import Cursor, beyond
from photos.card_pages import page_statement
from photos.models import Photo
from social.explore.popular import popular_places, public_people

RECENT = ("id",)
POPULAR = ("rank", "photo_id")


@cache
def recent(viewer: str, *, backward: bool) -> str:
    """Return the statement for photos past the id ``$2``, newest first.

    Its columns are the id, then those of ``photos.api.json_fragments.visible_photo_sql``.
    """

    def build(edge: int, viewer_id: int | None = None) -> QuerySet[Any, Any]:
        return recent_photos(viewer_id, Cursor((edge,), backward=backward))

    page = compiled_sql(build, ["$2::bigint", *([viewer] if viewer else [])])
    return page_statement(page, ["photo"], viewer, backward=backward, limit="$1")


@cache
def popular(viewer: str, *, backward: bool) -> str:
    """Return the statement for places past the rank ``$3``, the most popular first.

    ``$2`` is the newest snapshot that counts. Its columns are rank, id and snapshot, then those of
    ``recent``.
    """

    def build(snapshot: int, rank: int, viewer_id: int | None = None) -> QuerySet[Any, Any]:
        return popular_places(snapshot, rank, viewer_id, backward=backward)

    places = ["$2::bigint", "$3::bigint", *([viewer] if viewer else [])]
    page, keys = compiled_sql(build, places), ["rank", "photo"]
    return page_statement(page, keys, viewer, backward=backward, further=["snapshot"], limit="$1")


def recent_photos(viewer_id: int | None, cursor: Cursor | None) -> QuerySet[Any, Any]:
    """Return the query for the ids past ``cursor`` of public photos that the viewer may see."""
    who = AnonymousUser() if viewer_id is None else User(pk=viewer_id)
    people = public_people(who).filter(pk=OuterRef("author_id"))
    photos = Photo.objects.listed().filter(Exists(people))
    return beyond(photos, cursor, RECENT).values_list(*RECENT)
