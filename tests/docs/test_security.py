"""docs/security.md: no requirement of ASVS 5.0 is left out, and what it points at is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docs/security.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d", line)
]
# The requirements of levels 1 and 2 by section: those of level 3 come after them.
COUNTS = {
    "1.1": 2,
    "1.2": 9,
    "1.3": 11,
    "1.4": 3,
    "1.5": 2,
    "2.1": 3,
    "2.2": 3,
    "2.3": 4,
    "2.4": 1,
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "4.3": 2,
    "4.4": 4,
    "5.1": 1,
    "5.2": 3,
    "5.3": 2,
    "5.4": 3,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 2,
    "10.3": 4,
    "10.4": 11,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
    "11.1": 2,
    "11.2": 3,
    "11.3": 3,
    "11.4": 4,
    "11.5": 1,
    "11.6": 1,
    "12.1": 3,
    "12.2": 2,
    "12.3": 4,
    "13.1": 1,
    "13.2": 5,
    "13.3": 2,
    "13.4": 5,
    "14.1": 2,
    "14.2": 4,
    "14.3": 3,
    "15.1": 3,
    "15.2": 3,
    "15.3": 7,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
    "17.1": 1,
    "17.2": 4,
    "17.3": 2,
}


def numbers(cell: str) -> Iterator[str]:
    """Return what a cell names: one number, or all from one up to another."""
    first, _, last = cell.partition("-")
    start, end = position(first), position(last or first)
    for section, count in COUNTS.items():
        for number in range(1, count + 1):
            full = f"{section}.{number}"
            if start <= position(full) <= end:
                yield full


def position(number: str) -> tuple[int, ...]:
    """Return where a number stands among the others."""
    return tuple(map(int, number.split(".")))


def test_every_requirement_is_there_once() -> None:
    asked = [
        f"{section}.{number}" for section, count in COUNTS.items() for number in range(1, count + 1)
    ]
    assert len(asked) == 253
    assert [number for row in ROWS for number in numbers(row[0])] == asked


def test_every_requirement_has_an_answer_with_a_reason() -> None:
    assert {row[2] for row in ROWS} == {"met", "not met", "n/a"}
    assert not [row[0] for row in ROWS if len(row) != 4 or not row[3]]


def test_every_file_and_test_that_it_names_is_there() -> None:
    named = {name for name in re.findall(r"`([\w./-]+)`", TEXT) if "/" in name}
    assert len(named) > 60
    assert not {name for name in named if not (PROJECT / name).exists()}
