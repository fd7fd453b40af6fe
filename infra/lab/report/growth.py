"""Growth on paper, as a chapter: three steps of the original plan, each number with its source."""

from __future__ import annotations

from dataclasses import asdict

from infra.lab.analysis import capacity, scalability
from infra.lab.analysis.capacity import (
    MEANINGS,
    Assumptions,
    Plan,
)
from infra.lab.analysis.formatting import figure, fixed, general
from infra.lab.analysis.goals import GROWTH_STEPS, RATE_PER_PERSON
from infra.lab.analysis.request_costs import Costs, costs_of, newest
from infra.lab.records import Record
from infra.lab.records.storage import RecordInvalid
from infra.lab.report.blocks import Block, Heading, Items, Plot, Text
from infra.lab.report.tables import Table


def section(records: list[Record]) -> list[Block]:
    """Return the chapter; without a run that measured the servers it says what is missing."""
    heading = Heading(2, "Growth on Paper")
    try:
        costs = costs_of(newest(records))
    except RecordInvalid as error:
        return [heading, Text(f"Not measured yet. {error}")]
    assumed = Assumptions()
    planned = [capacity.plan(n, costs, assumed, n * RATE_PER_PERSON) for n in GROWTH_STEPS]
    likely = [capacity.plan(n, costs, assumed) for n in GROWTH_STEPS]
    return [
        heading,
        Text(_introduction(planned, likely)),
        *chapter(planned, "The rates of the original plan"),
        Plot("growth", "Requests a second of each step against the limits of one machine"),
        *chapter(likely, "The same people at the assumed use"),
        *sources(costs, assumed),
        *law(records),
    ]


def _introduction(planned: list[Plan], likely: list[Plan]) -> str:
    last, calm = planned[-1], likely[-1]
    return (
        f"The original plan's multipliers ask for {fixed(last.rate)} requests a second from "
        f"{last.users:,} people: that means that everyone asks every "
        f"{fixed(last.seconds_between, 1)} s, all of them at once. At the assumed use the same "
        f"people ask {fixed(calm.rate)} times a second at the peak: one request of each in "
        f"{fixed(calm.seconds_between)} s."
    )


def chapter(plans: list[Plan], title: str) -> list[Block]:
    """Return the table of needs and what breaks first in each step."""
    before = [0, *(one.users for one in plans)]
    return [
        Heading(3, title),
        needs_table(plans),
        Text("What gives way on the way to each step, the first bottleneck first:"),
        Items(tuple(bottlenecks(one, start) for one, start in zip(plans, before, strict=False))),
    ]


def needs_table(plans: list[Plan]) -> Table:
    """Return a row for each need and a column for each number of people."""
    rows = [
        ("requests a second", *(fixed(one.rate) for one in plans), "given"),
        (
            "each person asks every",
            *(f"{fixed(one.seconds_between, 1)} s" for one in plans),
            "given",
        ),
    ]
    for needs in zip(*(one.needs for one in plans), strict=True):
        values = (figure(need.value, need.unit) for need in needs)
        rows.append((needs[0].name, *values, needs[0].source))
    headings = ("", *(f"{one.users:,} people" for one in plans), "computed from")
    return Table(headings, tuple(rows))


def bottlenecks(one: Plan, before: int = 0) -> str:
    """Return one sentence: what gives way after ``before`` people in which order, and what then."""
    who = f"**{one.users:,} people, {fixed(one.rate)}/s**: "
    new = [limit for limit in one.passed if limit.people >= before]
    if not new:
        return f"{who}nothing new gives way; next would be {_limit(one.next)}"
    told = f"{who}first {_limit(new[0])}"
    if new[1:]:
        told += "; then " + "; ".join(_limit(other) for other in new[1:])
    if one.cells > 1:
        each = one.users / one.cells
        told += f". In {one.cells:,} cells each holds {fixed(each)} people, primary and replicas"
    return told


def _limit(limit: capacity.Limit) -> str:
    if limit is capacity.NO_LIMIT:
        return "nothing"
    rate = "" if limit.rate is None else f", {fixed(limit.rate)}/s"
    return f"**{limit.name}** (at {fixed(limit.people)} people{rate}): {limit.then}"


def sources(costs: Costs, assumed: Assumptions) -> list[Block]:
    """Return where every number comes from: measured figures, then assumptions."""
    measured = tuple((one.key, figure(one.value), one.source) for one in costs.figures())
    stated = tuple(
        (f"`--{name.replace('_', '-')}`", general(value, 12), MEANINGS[name])
        for name, value in asdict(assumed).items()
    )
    return [
        Heading(3, "Where the Numbers Come From"),
        Table(("Measured", "Value", "Record"), measured, 3),
        Table(("Assumed", "Value", "Meaning"), stated, 3),
        Text(
            "A dash above: the stage that was measured has no such server. "
            "CPU is that of the measured machine; another machine scales it. Databases of a cell "
            "are taken to cost what they cost here at 20,000 photos, which holds as long as the "
            "rows that are asked for fit into memory."
        ),
    ]


def law(records: list[Record]) -> list[Block]:
    """Return the scalability law of 1, 2 and 3 instances of each stage, or why there is none."""
    fits = [(stage, fitted) for stage, fitted in scalability.by_stage(records).items() if fitted]
    if not fits:
        text = "Not measured yet: it needs the rates of three different numbers of instances."
        return [Heading(3, "Scalability Law"), Text(text)]
    return [
        Heading(3, "Scalability Law"),
        Text(
            "Gunther's Universal Scalability Law, fitted to the rates of 1, 2 and 3 instances that "
            "read as fast as they can."
        ),
        *(block for stage, fitted in fits for block in _law(stage, fitted)),
        Plot("scaling", "Measured rates of 1, 2 and 3 instances and the fitted laws"),
    ]


def _law(stage: int, fitted: scalability.Fit) -> list[Block]:
    counts = sorted({point.instances for point in fitted.points})
    rows = tuple(
        (
            str(count),
            _rates(fitted.points, count),
            fixed(fitted.law.rate(count)),
            _bounds(fitted, count),
        )
        for count in (*counts, 2 * counts[-1])
    )
    headings = ("Instances", "Measured RPS", "Fitted", "95 % interval")
    found = fitted.law
    return [
        Heading(4, f"Stage {stage}"),
        Text(
            f"One instance {fixed(found.one)}/s, serial share (sigma) {fixed(found.wait, 3)}, "
            f"price of agreeing (kappa) {fixed(found.talk, 4)}. "
            + (f"**No usable forecast**: {fitted.unusable}." if fitted.unusable else "")
        ),
        Table(headings, rows),
        Text(f"Records: {', '.join(sorted({point.record for point in fitted.points}))}."),
    ]


def _rates(points: tuple[scalability.Point, ...], count: int) -> str:
    found = [fixed(point.rate) for point in points if point.instances == count]
    return ", ".join(found) or "–"


def _bounds(fitted: scalability.Fit, count: int) -> str:
    bounds = fitted.interval(count)
    return f"{fixed(bounds[0])} to {fixed(bounds[1])}" if bounds else "none"
