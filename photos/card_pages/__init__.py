"""Pages of photo cards: one statement says what is on a page and what its viewer sees of it.

It returns the keys of the page, and for each photo the visibility rule's answer, the counts,
"liked by me" and the versions of two rows: some bytes a photo, where the words, addresses and
author of a card are a kilobyte. Those this process keeps (``photos.card_pages.kept``); of a page
that it probably has not shown yet they are part of the statement.

PostgreSQL only: SQLite has no row versions, and runs in the process that asks. Outside of
transactions only: rows that a transaction writes twice have one version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from django.db.models import TextField
from django.db.models.functions import Cast

from accounts.models import Viewer
from minigram_site.cache import require_changes_of
from minigram_site.db import compiled_sql, read_alias
from minigram_site.web.pagination import MAX_PAGE_SIZE, Cursor, Page, build_page
from photos import photo_cache
from photos.api.json_fragments import VISIBLE_COLUMNS, VisiblePhoto, visible_photo
from photos.card_pages.kept import cards_of_visible, keep
from photos.cards import (
    JSON_COLUMNS,
    LASTING_COLUMNS,
    PhotoCard,
    asked_by_user,
    asked_by_visitor,
)

# The planner knows the first limit and not the second. By the second alone it thinks a plan for any
# values so much dearer than one for these that it plans anew each time: half of what a page costs.
_LIMITED = "SELECT * FROM ({page} LIMIT {most}) bounded ORDER BY {order} LIMIT {limit}"
_STATEMENT = """
SELECT page.*, shown.* FROM ({page}) page({columns})
LEFT JOIN LATERAL ({shown}) shown ON TRUE ORDER BY {order}
"""

# What a row has beside the ``VISIBLE_COLUMNS`` where it says all of a card.
_FURTHER_COLUMNS = tuple(
    Cast(name, TextField()) if name in JSON_COLUMNS else name for name in LASTING_COLUMNS
)

Row = tuple[Any, ...]
Fetch = Callable[[Cursor | None, int], Sequence[Row]]


def is_available() -> bool:
    """Tell whether pages can be read so: from a PostgreSQL, outside of a transaction. No query."""
    connection = connections[read_alias()]
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def page_statement(
    page: str,
    keys: Sequence[str],
    viewer: str,
    *,
    backward: bool,
    further: Sequence[str] = (),
    limit: str = "",
    whole: bool = False,
) -> str:
    """Return the statement for the rows of a page and what the viewer sees of their photos.

    ``page`` is SQL whose columns are ``keys`` and ``further`` ones. The keys are the order of the
    page, largest first unless it is read ``backward``; the last is the photo's id. ``viewer`` is
    the SQL of the viewer's id, empty for visitors; ``limit`` is that of ``limited``, if ``page``
    has none itself. A ``whole`` row has all of a card. For ``minigram_site.db.fetch_prepared``.
    """
    photo, direction = f"page.{keys[-1]}", "ASC" if backward else "DESC"
    if limit:
        page = limited(page, limit, keys=len(keys), backward=backward)
    return _STATEMENT.strip().format(
        page=page,
        columns=", ".join((*keys, *further)),
        shown=_shown_sql(viewer, photo, whole=whole),
        order=", ".join(f"page.{key} {direction}" for key in keys),
    )


def limited(page: str, limit: str, *, keys: int = 1, backward: bool = False) -> str:
    """Return the SQL of the first rows of ``page``, which is in the order of its ``keys``.

    ``limit`` is the SQL of how many, up to one more than the largest page has.
    """
    direction = "ASC" if backward else "DESC"
    order = ", ".join(f"{place + 1} {direction}" for place in range(keys))
    return _LIMITED.format(page=page, most=MAX_PAGE_SIZE + 1, order=order, limit=limit)


def read_page(
    fetch: Fetch,
    cursor: Cursor | None,
    size: int,
    viewer: Viewer,
    *,
    keys: int = 1,
    further: int = 0,
    whole: bool = False,
) -> Page[PhotoCard]:
    """Return a page of cards; photos that the viewer may not see are left out.

    It is a ``visible_page``, of ``whole`` rows or not. Its queries; one more where this process
    does not know a card, and one for viewers with blocks.
    """
    page = visible_page(fetch, cursor, size, viewer.pk, keys=keys, further=further)
    if whole:
        keep(page.items)
    return page.with_items(cards_of_visible([photo for photo, _ in page.items], viewer.pk))


def visible_page(
    fetch: Fetch,
    cursor: Cursor | None,
    size: int,
    viewer_id: int | None,
    *,
    keys: int = 1,
    further: int = 0,
) -> Page[tuple[VisiblePhoto, Row]]:
    """Return a page of what the viewer sees of photos, each with what lasts of it, if that is read.

    ``fetch(cursor, limit)`` runs a ``page_statement`` with so many ``keys`` and ``further``
    columns; what lasts is what a ``whole`` row has. Photos that the viewer may not see are left
    out. One query, again where a photo of the page has changed since the server was chosen.
    """

    def read() -> Page[Row]:
        return build_page(fetch, cursor, size, lambda row: row[:keys])

    page = read()
    if require_changes_of(photo_cache.names_of((row[keys - 1] for row in page.items), viewer_id)):
        page = read()
    return page.with_items(visible_in(page.items, keys + further))


def visible_in(rows: Sequence[Row], place: int) -> list[tuple[VisiblePhoto, Row]]:
    """Return what the viewer sees of the photos in these rows, and what lasts of each.

    It begins at ``place`` of a row. Photos that the viewer may not see are left out.
    """
    lasting = place + len(VISIBLE_COLUMNS)
    return [
        (visible_photo(row[place:lasting]), row[lasting:]) for row in rows if row[place] is not None
    ]


def _shown_sql(viewer: str, photo: str, *, whole: bool) -> str:
    """Return the query for what is read of a photo; no row if the viewer may not see it."""
    columns = (*VISIBLE_COLUMNS, *(_FURTHER_COLUMNS if whole else ()))
    if viewer:
        return compiled_sql(lambda *ids: asked_by_user(*ids).values_list(*columns), [viewer, photo])
    return compiled_sql(lambda one: asked_by_visitor(one).values_list(*columns), [photo])
