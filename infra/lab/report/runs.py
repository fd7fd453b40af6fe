"""The stress runs of a stage: what was asked of it, and a table of what it did."""

from __future__ import annotations

from infra.lab.analysis.formatting import fixed, general, percent, whole_percent
from infra.lab.analysis.goals import GOALS
from infra.lab.analysis.judgement import (
    NO,
    UNSURE,
    YES,
    disturbed,
    doubts,
    error_rate,
    failed_of,
    judge_errors,
    judge_rate,
)
from infra.lab.analysis.stage_records import Stage
from infra.lab.records import Record
from infra.lab.report.blocks import Block, Code, Heading, Text
from infra.lab.report.tables import Table

GOOD_MS, BEARABLE_MS = 100, 500
GOOD_MB, BEARABLE_MB = 1024, 4096
LARGEST_OVERHEAD = 0.03


def section(stage: Stage) -> list[Block]:
    """Return the runs that stand for the stage one by one, then all in one table."""
    found: list[Block] = []
    names = {"journey": "Comprehensive Stress Test", "mix": "Real Use", "reads": "Reads Only"}
    names["moderate"] = "Moderate Load"
    for profile, record in (
        ("journey", stage.journey),
        ("mix", stage.mix),
        ("reads", stage.reads),
        ("moderate", stage.moderate),
    ):
        if record is not None:
            found += [
                Heading(4, f"{names[profile]} ({record.started[:10]})"),
                Code(_scenario(record)),
                stress_table(record),
            ]
    if not found:
        return [Text("No stress run yet.")]
    return [*found, Heading(4, "All Runs"), runs_table(stage)]


def _scenario(record: Record) -> str:
    load = record.load
    how = (
        f"think time {general(load.think_time)} s"
        if load.loop == "closed"
        else (f"{fixed(load.arrival_rate or 0)} requests a second whatever the site does")
    )
    mix = ", ".join(f"{general(weight)} {name}" for name, weight in load.mix.items())
    if load.profile == "journey":
        mix = "each person does the nine operations in their order, and begins anew"
    return "\n".join(
        line
        for line in (
            f"Test Scenario: {load.users:,} concurrent users, {load.loop} loop, {how}",
            f"Seed: {load.seed}",
            f"Mix: {mix}" if mix else "",
            _pictures(record),
            f"Duration: {general(load.duration)} s",
            f"Total Operations: {record.totals.requests:,}",
            f"Record: {record.name}",
            f"Void: {record.void}" if record.void else "",
        )
        if line
    )


def _pictures(record: Record) -> str:
    """Return how many pictures were loaded, and how fast; nothing where none were shown."""
    one = record.pictures
    if not record.load.pictures or one is None:
        return ""
    each = one.requests / max(1, record.totals.requests)
    return (
        f"Pictures shown: {one.requests:,} loaded, {fixed(each, 1)} for each operation; "
        f"p50 {fixed(one.p50, 1)} ms, p95 {fixed(one.p95, 1)} ms"
    )


def stress_table(record: Record) -> Table:
    """Return the figures of a stress run, each with a mark."""
    target = GOALS[record.stage]
    errors = judge_errors([record], target.errors)
    rate = "–"
    if record.load.profile == target.profile:
        judged = judge_rate([record], target.rate)
        rate = f"{judged.status} {judged.cause}".strip()
    memory = sum(group.memory_mb for group in record.server.values())
    failed, requests = failed_of([record])
    mean, share = record.totals.mean, 1 - failed / max(1, requests)
    queries, busy = record.database.queries_per_second, record.generator.cpu_share_of_core
    cheap = YES if record.overhead_share < LARGEST_OVERHEAD else NO
    doubt = doubts(record)
    rows = (
        ("Success Rate", percent(share), errors.status),
        ("Error Rate", errors.reached, f"{errors.status} {errors.cause}".strip()),
        ("Rate (mean)", f"{fixed(record.totals.rate, 1)}/s", rate),
        ("Peak RPS", fixed(record.peak_rps, 1), "–"),
        ("Avg Response Time", f"{fixed(mean, 2)} ms", _mark(mean, GOOD_MS, BEARABLE_MS)),
        ("Peak Memory", f"{fixed(memory)} MB", _mark(memory, GOOD_MB, BEARABLE_MB)),
        ("DB Queries/sec", "not counted" if queries is None else fixed(queries, 1), "–"),
        (
            "Load Generator",
            f"{whole_percent(busy)} of a core",
            f"{UNSURE} {doubt}" if doubt else YES,
        ),
        ("Cost of Measuring", percent(record.overhead_share), cheap),
    )
    return Table(("Metric", "Value", "Status"), rows, numbers=3)


def _mark(value: float, good: float, bearable: float) -> str:
    return YES if value <= good else UNSURE if value <= bearable else NO


def runs_table(stage: Stage) -> Table:
    """Return one row per stress run, void ones too; what speaks against a run stands in its row."""
    rows = tuple(
        (
            run.name,
            run.commit,
            f"{run.load.users:,}",
            fixed(run.totals.rate),
            fixed(run.totals.p50, 1),
            fixed(run.totals.p95, 1),
            fixed(run.totals.p99, 1),
            error_rate(run),
            doubts(run) or disturbed(run) or "counts",
        )
        for run in stage.runs
    )
    headings = ("Run", "Commit", "Users", "RPS", "p50 ms", "p95 ms", "p99 ms", "Errors", "Remark")
    return Table(headings, rows, numbers=2)
