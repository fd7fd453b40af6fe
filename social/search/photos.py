"""Photos by the words of captions and descriptions, those of all pictures of a carousel included.

Photos that have all terms as whole words come first, then those in which words begin with them;
each the newest first. That order follows from the row alone: nothing that happens meanwhile moves a
photo, and the newest matches of a frequent word are read without looking at the others.
"""

from __future__ import annotations

from functools import cache

from accounts.models import Viewer
from minigram_site.db import compiled_sql
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, Position, build_page
from photos.cards import PhotoCard, cards_of
from social.search.matching import fetch, is_postgresql, place_of_viewer
from social.search.schema import PHOTO
from social.search.tags import findable
from social.search.typed import Query

PHOTO_KEYS = ("whole", "id")
# So many photos past the cursor are looked through one by one before PostgreSQL asks its index,
# which has to read all matches to find the newest. A word of every hundredth photo fills the page.
NEAR = 2000
WHOLE, BEGUN = 1, 0

_WORDS = {
    WHOLE: "{words} @@ (SELECT social_search_query(%(words)s::text, FALSE))",
    BEGUN: "{words} @@ (SELECT social_search_query(%(words)s::text, TRUE)) "
    "AND NOT {words} @@ (SELECT social_search_query(%(words)s::text, FALSE))",
}
_NEAR = """
SELECT found.id FROM (
    SELECT photo.id, photo.words FROM photos_photo photo WHERE photo.id {beyond} %(edge)s
    ORDER BY photo.id {direction} LIMIT {near}) found
WHERE {matches} AND EXISTS ({visible}) ORDER BY found.id {direction} LIMIT %(limit)s
"""
_FAR = """
WITH matched AS MATERIALIZED (
    SELECT photo.id FROM photos_photo photo WHERE {matches} AND photo.id {beyond} %(edge)s)
SELECT found.id FROM (
    SELECT matched.id FROM matched ORDER BY matched.id {direction} OFFSET 0) found
WHERE EXISTS ({visible}) ORDER BY found.id {direction} LIMIT %(limit)s
"""
_SQLITE = """
SELECT found.rowid FROM {table} found
WHERE {table} MATCH %(words)s AND found.rowid {beyond} %(edge)s AND EXISTS ({visible})
ORDER BY found.rowid {direction} LIMIT %(limit)s
"""


def photos_page(
    query: Query, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[PhotoCard]:
    """Return a page of photos that ``viewer`` may see.

    Two queries for the cards, and up to two for the keys on SQLite, four on PostgreSQL: a page that
    whole words fill needs one of them. None for a query without terms.
    """
    page = build_page(
        lambda at, limit: _keys(query, viewer, at, limit), cursor, size, lambda key: key
    )
    return page.with_items(cards_of([key[-1] for key in page.items], viewer))


def _keys(query: Query, viewer: Viewer, cursor: Cursor | None, limit: int) -> list[Position]:
    """Return up to ``limit`` pairs of kind of match and id past the cursor."""
    backward = cursor is not None and cursor.backward
    kinds = [BEGUN, WHOLE] if backward else [WHOLE, BEGUN]
    keys: list[Position] = []
    for kind in kinds[kinds.index(_kind_of(cursor, kinds)) :] if query.terms else []:
        edge = -1 if backward else MAX_ID
        if cursor is not None and cursor.position[0] == kind:
            edge = cursor.position[1]
        found = _found(query, viewer, kind, edge, limit - len(keys), backward=backward)
        keys += [(kind, photo) for photo in found]
        if len(keys) == limit:
            break
    return keys


def _kind_of(cursor: Cursor | None, kinds: list[int]) -> int:
    """Return the kind of match in which a page begins, also for a cursor nobody gave out."""
    asked = cursor.position[0] if cursor else kinds[0]
    return asked if asked in kinds else kinds[-1]


def _found(
    query: Query, viewer: Viewer, kind: int, edge: int, limit: int, *, backward: bool
) -> list[int]:
    values: dict[str, object] = {"me": viewer.pk, "edge": edge, "limit": limit}
    is_known = viewer.pk is not None
    if not is_postgresql():
        values["words"] = _expression(query, kind)
        return _ids(_sqlite(is_known=is_known, backward=backward), values)
    values["words"] = query.for_postgresql
    near = _ids(_postgresql(_NEAR, kind, is_known=is_known, backward=backward), values)
    if len(near) == limit:
        return near
    return _ids(_postgresql(_FAR, kind, is_known=is_known, backward=backward), values)


def _ids(statement: str, values: dict[str, object]) -> list[int]:
    return [row[0] for row in fetch(statement, values)]


def _expression(query: Query, kind: int) -> str:
    whole = query.for_sqlite(beginnings=False)
    begun = query.for_sqlite(beginnings=True)
    return whole if kind == WHOLE else f"({begun}) NOT ({whole})"


@cache
def _sqlite(*, is_known: bool, backward: bool) -> str:
    return _SQLITE.format(
        table=PHOTO.words_table,
        visible=_visible("found.rowid", is_known=is_known),
        **_way(backward=backward),
    )


@cache
def _postgresql(statement: str, kind: int, *, is_known: bool, backward: bool) -> str:
    row = "found" if statement is _NEAR else "photo"
    return statement.format(
        matches=_WORDS[kind].format(words=f"{row}.words"),
        visible=_visible("found.id", is_known=is_known),
        near=NEAR,
        **_way(backward=backward),
    )


def _way(*, backward: bool) -> dict[str, str]:
    return {"beyond": ">" if backward else "<", "direction": "ASC" if backward else "DESC"}


def _visible(photo: str, *, is_known: bool) -> str:
    return compiled_sql(findable, [photo, *place_of_viewer(is_known=is_known)])
