"""Pages by cursor (keyset pagination), one mechanism for HTML pages and the API.

A cursor is the sort key of the row at the edge of a page, and the direction of travel. A page
costs the same however deep it lies, and rows that appear meanwhile shift nothing. The method is
described by Markus Winand in "We need tool support for keyset pagination" (2013).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from minigram_site.fields.snowflake import MAX_ID

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Position = tuple[int, ...]

PAGE_SIZE = 20
MAX_PAGE_SIZE = 50
_CURSOR = re.compile(r"([np])((?:-?[0-9]{1,19})(?:_-?[0-9]{1,19})?)\Z")


class InvalidCursor(ValueError):
    """The text is not a cursor that this site has given out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: ``position`` is the sort key of the row just before the page."""

    position: Position
    backward: bool = False

    def __str__(self) -> str:
        """Return the text that addresses carry."""
        return ("p" if self.backward else "n") + "_".join(map(str, self.position))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursors of its neighbours where there are any."""

    items: list[T]
    next: Cursor | None
    previous: Cursor | None

    def with_items(self, items: list[Any]) -> Page[Any]:
        """Return the page with its rows replaced, its neighbours kept."""
        return Page(items, self.next, self.previous)


def parse_cursor(text: str | None, *, keys: int = 1) -> Cursor | None:
    """Return the cursor written in ``text`` (none where it is empty), of ``keys`` numbers.

    Raises ``InvalidCursor`` for anything else, numbers past 64 bits included.
    """
    if not text:
        return None
    match = _CURSOR.match(text)
    position = tuple(int(part) for part in match[2].split("_")) if match else ()
    if match is None or len(position) != keys or any(abs(part) > MAX_ID for part in position):
        raise InvalidCursor("This page address is not valid: start again from the first page.")
    return Cursor(position, backward=match[1] == "p")


def build_page(
    fetch: Callable[[Cursor | None, int], Sequence[T]],
    cursor: Cursor | None,
    size: int,
    position_of: Callable[[T], Position],
) -> Page[T]:
    """Return one page of whatever ``fetch`` reads.

    ``fetch(cursor, limit)`` returns up to ``limit`` rows in the direction of travel, the row
    next to the cursor first. One row more than the page is asked for, to know whether there is
    a neighbour: no count is ever taken.
    """
    rows = list(fetch(cursor, size + 1))
    more, rows = len(rows) > size, rows[:size]
    backward = cursor is not None and cursor.backward
    if backward:
        rows.reverse()
    following = Cursor(position_of(rows[-1])) if rows and (more or backward) else None
    before = cursor is not None and (more or not backward)
    preceding = Cursor(position_of(rows[0]), backward=True) if rows and before else None
    return Page(rows, following, preceding)


def paginate(
    queryset: QuerySet[M, Any],
    cursor: Cursor | None,
    size: int = PAGE_SIZE,
    keys: Sequence[str] = ("id",),
) -> Page[M]:
    """Return a page of ``queryset``, largest key first. Costs one query.

    ``keys`` name one or two integer columns or annotations (``__`` crosses relations) that are
    unique together and backed by an index.
    """
    parts = [attrgetter(key.replace("__", ".")) for key in keys]
    return build_page(
        lambda cursor, limit: list(beyond(queryset, cursor, keys)[:limit]),
        cursor,
        size,
        lambda row: tuple(part(row) for part in parts),
    )


def beyond(
    queryset: QuerySet[M, Any], cursor: Cursor | None, keys: Sequence[str] = ("id",)
) -> QuerySet[M, Any]:
    """Return the rows past ``cursor``, ordered in its direction of travel (see ``paginate``)."""
    if cursor is None:
        return queryset.order_by(*(f"-{key}" for key in keys))
    sign = "" if cursor.backward else "-"
    return queryset.filter(_past(keys, cursor)).order_by(*(sign + key for key in keys))


def _past(keys: Sequence[str], cursor: Cursor) -> Q:
    """Return the condition "comes after the cursor in its direction"."""
    relation = "gt" if cursor.backward else "lt"
    first = Q(**{f"{keys[0]}__{relation}": cursor.position[0]})
    if len(keys) == 1:
        return first
    tie = Q(**{keys[0]: cursor.position[0], f"{keys[1]}__{relation}": cursor.position[1]})
    return first | tie
