"""A table, and how it looks as text, in Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Headings and rows of text; columns from ``numbers`` on are aligned to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 1
    title: str = ""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a row that is longer or shorter than the headings."""
        for row in self.rows:
            if len(row) != len(self.headings):
                raise ValueError(f"{row} does not fit {self.headings}.")

    def text(self) -> str:
        """Return the table for a terminal, columns aligned with spaces."""
        columns = list(zip(self.headings, *self.rows, strict=True))
        widths = [max(map(len, column)) for column in columns]
        lines = [self.headings, tuple("-" * width for width in widths), *self.rows]
        return "\n".join(self._line(line, widths) for line in lines)

    def _line(self, cells: Sequence[str], widths: list[int]) -> str:
        padded = (
            cell.ljust(width) if at < self.numbers else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    def markdown(self) -> str:
        """Return the table in Markdown; bars inside cells are escaped."""
        rule = ("---" if at < self.numbers else "---:" for at in range(len(self.headings)))
        lines = [self.headings, tuple(rule), *self.rows]
        return "\n".join(
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
        )

    def csv(self) -> str:
        """Return the table as CSV, headings first."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.headings, *self.rows])
        return out.getvalue()
