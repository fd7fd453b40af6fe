"""Keyset pagination: pages by cursor, one mechanism for HTML pages and the API.

A cursor is the sort key of the row at the edge of a page, and the direction of travel. The cost of
a page does not grow with its depth, and rows that are added meanwhile shift no page. Source:
Markus Winand, "We need tool support for keyset pagination" (2013).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext

from minigram_site.fields.snowflake import MAX_ID

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Position = tuple[int, ...]

PAGE_SIZE = 20
MAX_PAGE_SIZE = 50
_CURSOR = re.compile(r"([np])((?:-?[0-9]{1,19})(?:_-?[0-9]{1,19})?)(?:t([0-9]{1,19}))?\Z")


class InvalidCursor(ValueError):
    """The text is not a cursor of this site."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: ``position`` is the sort key of the row just before the page.

    In a list whose order changes, ``since`` is the id that says when its first page was read.
    """

    position: Position
    backward: bool = False
    since: int = MAX_ID

    def __str__(self) -> str:
        """Return the text of the cursor for a query string."""
        since = "" if self.since == MAX_ID else f"t{self.since}"
        return ("p" if self.backward else "n") + "_".join(map(str, self.position)) + since


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursors of the pages next to it where there are any."""

    items: list[T]
    next: Cursor | None
    previous: Cursor | None

    def with_items(self, items: list[Any]) -> Page[Any]:
        """Return a page of other items with the cursors of this one."""
        return Page(items, self.next, self.previous)

    def as_of(self, since: int) -> Page[T]:
        """Return the page with cursors that name the id ``since``."""
        following, preceding = (
            cursor and replace(cursor, since=since) for cursor in (self.next, self.previous)
        )
        return Page(self.items, following, preceding)


def parse_cursor(text: str | None, *, keys: int = 1) -> Cursor | None:
    """Return the cursor written in ``text``, of ``keys`` numbers; ``None`` for an empty text.

    Raises ``InvalidCursor`` for any other text, also for numbers past 63 bits.
    """
    if not text:
        return None
    match = _CURSOR.match(text)
    position = tuple(int(part) for part in match[2].split("_")) if match else ()
    since = int(match[3]) if match and match[3] and keys > 1 else MAX_ID
    numbers = (*position, since)
    known = match is not None and len(position) == keys and (keys > 1 or match[3] is None)
    if match is None or not known or any(abs(part) > MAX_ID for part in numbers):
        raise InvalidCursor(
            gettext("This page address isn’t valid. Start again from the first page.")
        )
    return Cursor(position, backward=match[1] == "p", since=since)


def build_page(
    fetch: Callable[[Cursor | None, int], Sequence[T]],
    cursor: Cursor | None,
    size: int,
    position_of: Callable[[T], Position],
) -> Page[T]:
    """Return one page of up to ``size`` rows that ``fetch`` reads.

    ``fetch(cursor, limit)`` returns up to ``limit`` rows in the direction of travel, the row next
    to the cursor first; ``position_of`` returns a row's sort key. One row more than the page is
    fetched to know whether another page follows: rows are never counted.
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
