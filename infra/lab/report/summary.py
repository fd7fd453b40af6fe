"""All stages on one page: bars, multipliers and the numbers to remember."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean

from infra.lab.analysis import criteria
from infra.lab.analysis.criteria import AllStages
from infra.lab.analysis.formatting import fixed, percent, stable, whole_percent
from infra.lab.analysis.goals import GOALS
from infra.lab.analysis.intervals import largest_error_rate
from infra.lab.analysis.judgement import NOT_MEASURED, doubts, failed_of, mean_rate, unlike
from infra.lab.analysis.stage_records import Stage
from infra.lab.records import Record
from infra.lab.report.blocks import Block, Code, Heading, Items, Plot, Text
from infra.lab.report.tables import Table

LONGEST = 40


def section(all_stages: AllStages) -> list[Block]:
    """Return rates, errors, latencies and costs of all stages beside each other."""
    measured = [stage for stage in all_stages if stage.main]
    found: list[Block] = [Heading(2, "Progressive Performance Summary")]
    if not measured:
        return [*found, Text("Not measured yet.")]
    return [
        *found,
        Heading(3, "RPS Capability Evolution"),
        Code("\n".join(_rate_line(stage) for stage in all_stages)),
        Text("Bars are logarithmic: four signs for 1 a second, forty for 10,000."),
        Plot("rates", "Rate of each stage against its target"),
        Heading(3, "Error Rate Reduction"),
        Code("\n".join(_error_line(stage) for stage in all_stages)),
        Text(
            "The bound is what the number of requests allows to claim with 95 % confidence; "
            "without a failure it is three over the requests (rule of three)."
        ),
        Heading(3, "Latency, Cost and Breaking Points"),
        Plot("latencies", "Median, p95 and p99 latency of the feed by stage"),
        Plot("cpu", "CPU milliseconds per request by stage and server"),
        Plot("breaking", "p95 latency against the number of concurrent users by stage"),
    ]


def best(stage: Stage) -> Record | None:
    """Return the run with the highest rate that counts, or else the highest at all."""
    runs = [run for run in stage.runs if run.load.loop == "closed"]
    sound = [run for run in runs if not doubts(run)]
    return max(sound or runs, key=lambda run: stable(run.totals.rate), default=None)


def _rate_line(stage: Stage) -> str:
    runs, target = criteria.runs_asked(stage), GOALS[stage.number]
    if not runs:
        return f"Stage {stage.number}: not measured yet (expected: {fixed(target.rate)} RPS)"
    rate, raw = mean_rate(runs), criteria.raw_rate(stage)
    said = f"{fixed(rate)} RPS, {runs[-1].load.profile} (expected: {fixed(target.rate)})"
    if raw:
        said += f"; {fixed(raw)} reads of one thing by the lean driver"
    status = criteria.rate(stage).status
    return f"Stage {stage.number}: {'█' * bar_length(rate)} {status} {said}"


def bar_length(rate: float) -> int:
    """Return 4 signs for a rate of 1 and 40 for 10,000, with powers of ten evenly between."""
    return max(1, min(LONGEST, round(stable(4 + 9 * math.log10(max(rate, 0.5))))))


def _error_line(stage: Stage) -> str:
    judged, target = criteria.judged_errors(stage), GOALS[stage.number]
    wanted = f"(expected: <{percent(target.errors)})"
    if judged is NOT_MEASURED:
        return f"Stage {stage.number}: not measured yet {wanted}"
    return f"Stage {stage.number}: {judged.status} {judged.reached} {wanted}"


def cheat_sheet(all_stages: AllStages) -> list[Block]:
    """Return the numbers to remember, and how they grew."""
    found: list[Block] = [Heading(2, "Interview Metrics Cheat Sheet")]
    for stage in all_stages:
        items = _remember(stage)
        heading = Heading(3, f"Stage {stage.number} Numbers to Remember")
        found += [heading, Items(tuple(items)) if items else Text("Not measured yet.")]
    return [*found, *_multipliers(all_stages)]


def _remember(stage: Stage) -> list[str]:
    items = []
    steps = stage.breaking.steps if stage.breaking else ()
    breaking = next((step for step in steps if step.broken), None)
    if breaking:
        items += [
            f"**{breaking.users:,} users**: breaking point",
            f"**{percent(breaking.success)}**: success rate at the breaking point",
        ]
    main = stage.main
    if main is None:
        return items
    failed, requests = failed_of([main])
    items.append(f"**{percent(failed / max(1, requests))}**: error rate")
    top = best(stage) or main
    items.append(f"**{fixed(top.totals.rate)} RPS**: highest rate ({top.load.profile})")
    written, read = criteria.writes(main), criteria.reads(main)
    if written and read:
        items.append(f"**{fixed(written / read, 1)}x**: write vs read, password hashes left out")
    if "register" in main.operations:
        mean = main.operations["register"].mean
        items.append(f"**{fixed(mean)} ms**: average registration time, a password hash in it")
    return items


def _multipliers(all_stages: AllStages) -> list[Block]:
    rows = [_multiplier(before, after) for before, after in pairwise(all_stages)]
    found = [row for row in rows if row]
    heading = Heading(3, "Growth Multipliers (Stage over Stage)")
    if not found:
        return [heading, Text("Two measured stages are needed.")]
    headings = ("Stages", "Users", "RPS", "Errors, upper bound", "Mean latency")
    return [heading, Table(headings, tuple(found))]


def _multiplier(before: Stage, after: Stage) -> tuple[str, ...] | None:
    one, two = before.mix or before.main, after.mix or after.main
    if one is None or two is None or one.load.profile != two.load.profile:
        return None
    if one.load.pictures != two.load.pictures:
        return (f"{before.number} → {after.number}", unlike(one, two), "–", "–", "–")
    users = "–"
    if before.users and after.users:
        times = after.users / before.users
        users = f"{fixed(times, 1)}x ({before.users:,} → {after.users:,})"
    bounds = [largest_error_rate(*failed_of([run])) for run in (one, two)]
    top = [best(before) or one, best(after) or two]
    rates = [run.totals.rate for run in top]
    means = [one.totals.mean, two.totals.mean]
    return (
        f"{before.number} → {after.number}",
        users,
        f"{fixed(rates[1] / rates[0], 1)}x ({fixed(rates[0])} → {fixed(rates[1])})",
        f"{percent(bounds[0])} → {percent(bounds[1])}",
        f"{fixed(means[1] / means[0], 2)}x ({fixed(means[0], 1)} → {fixed(means[1], 1)} ms)",
    )


def repeats_line(stage: Stage) -> str:
    """Return how far the runs of the mix that repeat each other lie apart."""
    rates = [run.totals.rate for run in stage.mixes]
    if len(rates) < 2:
        return f"Stage {stage.number}: {len(rates)} run of the mix"
    spread = (max(rates) - min(rates)) / fmean(rates)
    return (
        f"Stage {stage.number}: {len(rates)} runs of the mix, rates within {whole_percent(spread)}"
    )
