"""Cursors: every row once, in both directions, and nothing but cursors accepted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigram_site.web.pagination import Cursor, InvalidCursor, Page, build_page, parse_cursor

KEYS = st.lists(st.integers(1, 10_000), unique=True, max_size=60).map(sorted)


def page_of(numbers: list[int], cursor: Cursor | None, size: int) -> Page[int]:
    """Page through plain numbers, largest first."""

    def fetch(cursor: Cursor | None, limit: int) -> list[int]:
        if cursor is None:
            return numbers[::-1][:limit]
        at = cursor.position[0]
        if cursor.backward:
            return [number for number in numbers if number > at][:limit]
        return [number for number in numbers[::-1] if number < at][:limit]

    return build_page(fetch, cursor, size, lambda number: (number,))


@given(numbers=KEYS, size=st.integers(1, 7))
def test_walking_to_the_end_and_back_meets_every_row_once(numbers: list[int], size: int) -> None:
    pages = [page_of(numbers, None, size)]
    while pages[-1].next:
        pages.append(page_of(numbers, pages[-1].next, size))
    assert [number for page in pages for number in page.items] == numbers[::-1]
    for page, before in zip(pages[:0:-1], pages[-2::-1], strict=True):
        assert page.previous is not None
        assert page_of(numbers, page.previous, size).items == before.items
    assert pages[0].previous is None


@given(st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1)), st.booleans())
def test_a_cursor_survives_the_address(position: tuple[int, int], backward: bool) -> None:
    cursor = Cursor(position, backward=backward)
    assert parse_cursor(str(cursor), keys=2) == cursor


@pytest.mark.parametrize("text", [None, ""])
def test_no_cursor_is_the_first_page(text: str | None) -> None:
    assert parse_cursor(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "n",
        "n1_2",
        "n99999999999999999999",
        "n9223372036854775808",
        "n1 ",
        "n1\n",
        "n1\0",
        "q1",
        "n٣",
        "n1;drop",
        "n" + "1" * 5000,
        "n--1",
        "\ud800",
    ],
)
def test_whatever_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        parse_cursor(text)
