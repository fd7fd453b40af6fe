"""A comparison as a table."""

from __future__ import annotations

from infra.lab.analysis.comparison import Row
from infra.lab.analysis.formatting import figure, fixed
from infra.lab.analysis.intervals import Ratio
from infra.lab.records.selection import Side
from infra.lab.report.tables import Table


def comparison_table(sides: list[Side], rows: list[Row]) -> Table:
    """Return the rows of a comparison as a table, with ratio, interval and verdict of each side."""
    first, *others = sides
    headings = ["figure", _heading(first)]
    for side in others:
        headings += [_heading(side), "ratio", "95 % interval", "verdict"]
    lines = []
    for row in rows:
        line = [row.name, figure(row.first, row.unit)]
        for cell in row.others:
            line += [figure(cell.value, row.unit), *_ratio_words(cell.ratio), cell.verdict]
        lines.append(tuple(line))
    return Table(tuple(headings), tuple(lines))


def _heading(side: Side) -> str:
    count = len(side.runs)
    return side.name if count == 1 else f"{side.name} ({count} runs)"


def _ratio_words(ratio: Ratio | None) -> tuple[str, str]:
    if ratio is None:
        return "–", "–"
    if ratio.low is None or ratio.high is None:
        return fixed(ratio.value, 2), "none: one count each"
    return fixed(ratio.value, 2), f"{fixed(ratio.low, 2)} to {fixed(ratio.high, 2)}"
