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
from photos.api.json_fragments import VISIBLE_COLUMNS, visible_photo
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
    the SQL of the viewer's id, empty for visitors; ``limit`` that of a number of rows, up to one
    more than the largest page has, if ``page`` has none itself. A ``whole`` row has all of a card.
    For ``minigram_site.db.fetch_prepared``.
    """
    photo, direction = f"page.{keys[-1]}", "ASC" if backward else "DESC"
    if limit:
        order = ", ".join(f"{place + 1} {direction}" for place in range(len(keys)))
        page = _LIMITED.format(page=page, most=MAX_PAGE_SIZE + 1, order=order, limit=limit)
    return _STATEMENT.strip().format(
        page=page,
        columns=", ".join((*keys, *further)),
        shown=_shown_sql(viewer, photo, whole=whole),
        order=", ".join(f"page.{key} {direction}" for key in keys),
    )


def read_page(
    fetch: Callable[[Cursor | None, int], Sequence[Row]],
    cursor: Cursor | None,
    size: int,
    viewer: Viewer,
    *,
    keys: int = 1,
    further: int = 0,
    whole: bool = False,
) -> Page[PhotoCard]:
    """Return a page of cards; photos that the viewer may not see are left out.

    ``fetch(cursor, limit)`` runs a ``page_statement`` with so many ``keys`` and ``further``
    columns, and ``whole`` rows or not. One query, again where a photo of the page has changed since
    the server was chosen; one more where this process does not know a card, and one for viewers
    with blocks.
    """

    def read() -> Page[Row]:
        return build_page(fetch, cursor, size, lambda row: row[:keys])

    page = read()
    names = photo_cache.names_of((row[keys - 1] for row in page.items), viewer.pk)
    if require_changes_of(names):
        page = read()
    shown = keys + further
    rows = [row[shown:] for row in page.items if row[shown] is not None]
    visible = [visible_photo(row[: len(VISIBLE_COLUMNS)]) for row in rows]
    if whole:
        keep((photo, row[len(VISIBLE_COLUMNS) :]) for photo, row in zip(visible, rows, strict=True))
    return page.with_items(cards_of_visible(visible, viewer.pk))


def _shown_sql(viewer: str, photo: str, *, whole: bool) -> str:
    """Return the query for what is read of a photo; no row if the viewer may not see it."""
    columns = (*VISIBLE_COLUMNS, *(_FURTHER_COLUMNS if whole else ()))
    if viewer:
        return compiled_sql(lambda *ids: asked_by_user(*ids).values_list(*columns), [viewer, photo])
    return compiled_sql(lambda one: asked_by_visitor(one).values_list(*columns), [photo])
