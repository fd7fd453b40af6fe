"""Runs side by side: ratios with their intervals, and a verdict for each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from infra.lab.analysis import intervals
from infra.lab.analysis.formatting import general
from infra.lab.analysis.intervals import Ratio
from infra.lab.analysis.judgement import failed_of, named_mix
from infra.lab.analysis.metrics import Metric, all_metrics
from infra.lab.records import Record
from infra.lab.records.selection import Side

Verdict = Literal["better", "worse", "same", "not measured"]

# The least change that is believed, beside an interval that excludes 1. One commit on one machine
# drifts by 10 to 20 % from one run to the next: a single run has to show more than that.
LEAST_TIMED_ONCE = 0.20
LEAST_TIMED_REPEATED = 0.05
LEAST_COUNTED = 0.05
LEAST_ERRORS = 0.0001  # of all requests


@dataclass(frozen=True)
class Cell:
    """One side of a row, against the first side."""

    value: float | None
    ratio: Ratio | None = None
    verdict: Verdict = "not measured"


@dataclass(frozen=True)
class Row:
    """One figure of all sides; the first is what the others are compared with."""

    name: str
    unit: str
    first: float | None
    others: tuple[Cell, ...]


def compare(sides: list[Side]) -> list[Row]:
    """Return a row for everything that any side has measured. Costs some ms per row."""
    metrics = all_metrics(record for side in sides for record in side.runs)
    first, *others = sides
    rows = [_errors(first, others)]
    for metric in metrics:
        cells = tuple(_cell(metric, first, other) for other in others)
        value = _value(metric, first)
        if value is not None or any(cell.value is not None for cell in cells):
            rows.append(Row(metric.name, metric.unit, value, cells))
    return rows


def worse(rows: list[Row]) -> list[str]:
    """Return the names of the rows in which any side is worse than the first."""
    return [row.name for row in rows if any(cell.verdict == "worse" for cell in row.others)]


def warnings(sides: list[Side]) -> list[str]:
    """Return why these sides may not be comparable: other load, data, machine, a void run."""
    asked: dict[str, Callable[[Record], object]] = {
        "machine": lambda r: f"{r.machine.cpu}, {r.machine.cores} cores",
        "load": lambda r: f"{r.load.users} users, {r.load.profile}, {r.load.loop} loop",
        "mix": named_mix,
        "edge": lambda r: "on" if r.configuration.edge else "off",
        "think time": lambda r: f"{general(r.load.think_time)} s",
        "data set": lambda r: ", ".join(
            f"{n:,} {name}" for name, n in r.configuration.data.items()
        ),
    }
    found = []
    for name, ask in asked.items():
        answers = [str(ask(side.runs[-1])) for side in sides]
        if len(set(answers)) > 1:
            found.append(f"The {name} differs: {' / '.join(answers)}.")
    runs = (record for side in sides for record in side.runs)
    for record in runs:
        if record.void or record.generator.limit:
            why = record.void or "the load generator was the limit"
            found.append(f"{record.name} does not count: {why}.")
    return found


def _value(metric: Metric, side: Side) -> float | None:
    values = _values(metric, side)
    return fmean(values) if values else None


def _values(metric: Metric, side: Side) -> list[float]:
    found = (metric.value(record) for record in side.runs)
    return [value for value in found if value is not None]


def _cell(metric: Metric, first: Side, other: Side) -> Cell:
    before, after = _values(metric, first), _values(metric, other)
    if not before or not after:
        return Cell(fmean(after) if after else None)
    value = fmean(after)
    if min(before) <= 0 or min(after) <= 0:
        return Cell(value, None, _of_zero(metric, fmean(before), value))
    ratio = _ratio(metric, first, other, before, after)
    repeated = len(before) > 1 and len(after) > 1
    timed = LEAST_TIMED_REPEATED if repeated else LEAST_TIMED_ONCE
    return Cell(value, ratio, _verdict(metric, ratio, LEAST_COUNTED if metric.counted else timed))


def _ratio(
    metric: Metric, first: Side, other: Side, before: list[float], after: list[float]
) -> Ratio:
    """Return the ratio by the best evidence there is: several runs, rounds of one, nothing."""
    if len(before) > 1 and len(after) > 1:
        return intervals.of_runs(before, after)
    rounds = [
        [values for record in side.runs if len(values := metric.rounds(record)) > 1]
        for side in (first, other)
    ]
    if all(rounds) and all(value > 0 for side in rounds for run in side for value in run):
        return intervals.of_rounds(rounds[0], rounds[1]).around(fmean(after) / fmean(before))
    return Ratio(fmean(after) / fmean(before))


def _verdict(metric: Metric, ratio: Ratio, least: float) -> Verdict:
    if ratio.low is not None and not ratio.sure:
        return "same"
    if 1 / (1 + least) < ratio.value < 1 + least:
        return "same"
    return "better" if (ratio.value > 1) == (metric.better == "more") else "worse"


def _of_zero(metric: Metric, before: float, after: float) -> Verdict:
    """Judge where one side is 0, so that there is no ratio: a cache that has no hits any more."""
    if before == after or not metric.counted:
        return "same"
    return "better" if (after > before) == (metric.better == "more") else "worse"


def _errors(first: Side, others: list[Side]) -> Row:
    """Return the row of error rates, which are judged by counts."""
    before = _counts(first)
    cells = []
    for other in others:
        after = _counts(other)
        ratio = intervals.of_failures(before, after)
        cells.append(Cell(_share(after), ratio, _error_verdict(ratio, before, after)))
    return Row("error rate", "%", _share(before), tuple(cells))


def _error_verdict(ratio: Ratio | None, before: tuple[int, int], after: tuple[int, int]) -> Verdict:
    change = _share(after) - _share(before)
    if ratio is None or not ratio.sure or abs(change) < LEAST_ERRORS:
        return "same"
    return "worse" if change > 0 else "better"


def _counts(side: Side) -> tuple[int, int]:
    return failed_of(side.runs)


def _share(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1] if counts[1] else 0.0
