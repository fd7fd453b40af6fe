"""The figures as Markdown, and their place in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.lab.bench.contestants import GUNICORN, NGINX, OTHERS, POSTGRESQL, REDIS
from infra.lab.bench.measuring import Cell, Cells, Extent
from infra.lab.bench.rows import Row

DOCUMENT = "docs/benchmarks.md"
KINDS = (GUNICORN, POSTGRESQL, NGINX, REDIS, OTHERS)
MET, MISSED, NOTHING = "✅", "❌", "–"


class NoPlace(Exception):
    """The document has no place for a table; the message names the markers."""


@dataclass(frozen=True)
class Run:
    """A measurement: ``labels`` of the contestants, the first of which the others are held to."""

    stage: int
    labels: Sequence[str]
    cells: Cells
    extent: Extent
    caption: str
    notes: Sequence[str] = ()

    def cell(self, label: str, row: Row) -> Cell:
        """Return the figures of one contestant in one row."""
        return self.cells[label, row.name]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that the first contestant has."""
        first = self.labels[0]
        return (row for row in self.extent.rows if not self.cell(first, row).missing)


def markdown(run: Run) -> str:
    """Return the caption, the table of costs and ratios, that of the servers, and the notes."""
    parts = [
        run.caption,
        "\n".join(comparison(run)),
        f"The servers of {run.labels[0]}, and what else was counted:",
        "\n".join(servers(run)),
        "\n".join(f"- {note}" for note in [*run.notes, *_missing(run)]),
    ]
    return "\n\n".join(part for part in parts if part)


def comparison(run: Run) -> Iterator[str]:
    """Yield the lines of the table: the first contestant, its goals, and the others' ratios."""
    first, *others = run.labels
    yield _line(["CPU ms per request", first, "goal", *(f"{each} | ×" for each in others)])
    yield "|---|" + "---:|" * (2 + 2 * len(others))
    for row in run.rows():
        cell = run.cell(first, row)
        cells = [row.name, milliseconds(cell.all_ms), goal(cell.all_ms, row.goals.get(run.stage))]
        for label in others:
            other = run.cell(label, row).all_ms
            cells += [milliseconds(other), ratio(other, cell.all_ms)]
        yield _line(cells)


def servers(run: Run) -> Iterator[str]:
    """Yield the lines of the table of the first contestant's servers, statements and rates."""
    first = run.labels[0]
    there = [kind for kind in KINDS if any(_has(run, row, kind) for row in run.rows())]
    heads = ["CPU ms per request", "all", "range", *there, "statements", "goal", "keys checked"]
    heads += ["per s", "p50 ms"]
    yield _line([*heads, "p99 ms"])
    yield "|---|" + "---:|" * len(heads)
    for row in run.rows():
        cell = run.cell(first, row)
        low, high = cell.range_ms
        rate, p50, p99 = cell.rates
        counted = cell.statements
        yield _line(
            [
                row.name,
                milliseconds(cell.all_ms),
                f"{milliseconds(low)} to {milliseconds(high)}",
                *(milliseconds(cell.kind_ms(kind)) for kind in there),
                NOTHING if counted is None else f"{counted.sent:.1f}",
                goal(None if counted is None else counted.sent, row.most_statements),
                NOTHING if counted is None else f"{counted.checks:.1f}",
                f"{rate:,.0f}",
                f"{p50:.1f}",
                f"{p99:.1f}",
            ]
        )


def milliseconds(value: float | None) -> str:
    """Return milliseconds with three significant digits or three decimals; a dash for nothing."""
    if value is None:
        return NOTHING
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio(other: float | None, own: float | None) -> str:
    """Return how many times as much another one costs; a dash where either was not measured."""
    return f"{other / own:.2f}" if other is not None and own else NOTHING


def goal(value: float | None, most: float | None) -> str:
    """Return a goal and whether it is met; a dash where there is none."""
    if most is None or value is None:
        return NOTHING
    return f"{most:g} {MET if value <= most else MISSED}"


def write(run: Run, document: Path) -> None:
    """Write the tables into the document, between the markers of the stage.

    Raises ``NoPlace`` if it does not have both, in their order.
    """
    start, end = markers(run.stage)
    text = document.read_text()
    before, is_there, rest = text.partition(start)
    _, has_end, after = rest.partition(end)
    if not is_there or not has_end:
        raise NoPlace(f"{document.name} has no place for this table, between {start} and {end}.")
    document.write_text(f"{before}{start}\n{markdown(run)}\n{end}{after}")


def markers(stage: int) -> tuple[str, str]:
    """Return the comments that stand before and after the tables of a stage."""
    return f"<!-- lab bench: stage {stage} -->", f"<!-- end of lab bench: stage {stage} -->"


def _missing(run: Run) -> Iterator[str]:
    """Yield a sentence for each figure that is not there although somebody might expect it."""
    for label in run.labels:
        reasons: dict[str, list[str]] = {}
        for row in run.extent.rows:
            if (reason := run.cell(label, row).missing) and reason != "not there":
                reasons.setdefault(reason, []).append(row.name)
        for reason, names in reasons.items():
            yield f"{label}, {'; '.join(names)}: not measured, {reason}."


def _has(run: Run, row: Row, kind: str) -> bool:
    return run.cell(run.labels[0], row).kind_ms(kind) is not None


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
