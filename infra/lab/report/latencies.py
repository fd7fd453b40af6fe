"""The table of latencies per operation, and what a request costs where it ran alone."""

from __future__ import annotations

from infra.lab.analysis.criteria import HASHES
from infra.lab.analysis.formatting import fixed, general, percent
from infra.lab.analysis.stage_records import Stage
from infra.lab.load.spec import PAGE_PICTURE
from infra.lab.records import Operation, Record
from infra.lab.report.blocks import Block, Heading, Text
from infra.lab.report.tables import Table

BASELINE = "feed"
HASH_NOTE = (
    "¹ costs a password hash (argon2id) by design: slow for whoever guesses passwords, and so for "
    "whoever logs in."
)


ALONE = "Per request, each operation run alone; the work of the worker afterwards is included."


def section(stage: Stage) -> list[Block]:
    """Return the latencies of the run that stands for the stage, and the raw ceilings."""
    found: list[Block] = []
    for record in (stage.mix, stage.moderate, stage.journey):
        if record is not None and record.operations:
            heading = f"Operation Latencies ({record.load.profile}, {record.load.users:,} users)"
            found += [Heading(4, heading), latency_table(record), Text(_note(record))]
    if stage.main and any(one.cpu_ms for one in stage.main.operations.values()):
        found += [Heading(4, "What an Operation Costs"), cost_table(stage.main), Text(ALONE)]
    if stage.ceiling is not None:
        found += [Heading(4, "Raw Ceilings"), ceiling_table(stage.ceiling), Text(_ceiling(stage))]
    return found


def latency_table(record: Record) -> Table:
    """Return a row per operation: average, percentiles, maximum, and times of the feed."""
    base = record.operations.get(BASELINE)
    rows = tuple(
        (
            name + ("¹" if name in HASHES else ""),
            *(
                f"{fixed(ms, 1)} ms"
                for ms in (one.mean, one.p50, one.p95, one.p99, one.p999, one.max)
            ),
            versus(one, base),
            f"{one.requests:,}",
            percent(one.failed / max(1, one.requests)),
        )
        for name, one in _with_pictures(record).items()
    )
    headings = (
        "Operation",
        "Average",
        "p50",
        "p95",
        "p99",
        "p99.9",
        "Maximum",
        "vs Reads",
        "Requests",
        "Errors",
    )
    return Table(headings, rows)


def _with_pictures(record: Record) -> dict[str, Operation]:
    pictures = {PAGE_PICTURE: record.pictures} if record.pictures else {}
    return {**record.operations, **pictures}


def versus(one: Operation, base: Operation | None) -> str:
    """Return how many times slower than ``base``, the feed, an operation is."""
    if base is None or not base.mean:
        return "–"
    if one is base:
        return "baseline"
    times = one.mean / base.mean
    return f"{fixed(times, 1)}x slower" if times >= 1.05 else f"{general(times, 2)}x"


def cost_table(record: Record) -> Table:
    """Return CPU per process group and queries of each operation, measured while it ran alone."""
    priced = {name: one for name, one in _with_pictures(record).items() if one.cpu_ms}
    groups = list(dict.fromkeys(name for one in priced.values() for name in one.cpu_ms))
    rows = tuple(
        (
            name,
            *(fixed(one.cpu_ms.get(group, 0.0), 3) for group in groups),
            f"{fixed(sum(one.cpu_ms.values()), 3)}",
            "–" if one.queries is None else fixed(one.queries, 1),
        )
        for name, one in priced.items()
    )
    headings = ("Operation", *(f"{name}, CPU ms" for name in groups), "all, CPU ms", "queries")
    return Table(headings, rows)


def _note(record: Record) -> str:
    parts = []
    if any(name in record.operations for name in HASHES):
        parts.append(HASH_NOTE)
    if any(one.requests < 1000 for one in record.operations.values()):
        parts.append(
            "With fewer than 1,000 requests p99.9 is the slowest request, with fewer than 100 "
            "p99 as well."
        )
    if record.load.loop == "open":
        parts.append("Timed from the moment a request was meant to be sent.")
    return " ".join(parts) or "Baseline: the feed."


def ceiling_table(record: Record) -> Table:
    """Return rates and latencies where a lean driver repeats one request as fast as it can."""
    groups = list(dict.fromkeys(name for one in record.operations.values() for name in one.cpu_ms))
    rows = tuple(
        (
            name,
            fixed(one.rate),
            f"{fixed(one.p50, 2)} ms",
            f"{fixed(one.p99, 2)} ms",
            percent(one.failed / max(1, one.requests)),
            *(fixed(one.cpu_ms[group], 3) if group in one.cpu_ms else "–" for group in groups),
        )
        for name, one in record.operations.items()
    )
    headings = ("Operation", "RPS", "p50", "p99", "Errors", *(f"{name} CPU ms" for name in groups))
    return Table(headings, rows)


def _ceiling(stage: Stage) -> str:
    record = stage.ceiling
    if record is None:
        return ""
    notes = " ".join(record.notes)
    return f"Record: {record.name}. {notes}".strip()
