"""The chapter of one stage: set-up, goals, runs, failures, breaking points, causes, cache."""

from __future__ import annotations

from infra.lab.analysis import criteria
from infra.lab.analysis.criteria import AllStages
from infra.lab.analysis.formatting import fixed, general, percent
from infra.lab.analysis.judgement import causes, causes_of, failed_of, failures_of, limit_of
from infra.lab.analysis.stage_records import Stage
from infra.lab.records import Record, Step
from infra.lab.report import latencies, runs
from infra.lab.report.blocks import Block, Code, Heading, Items, Text
from infra.lab.report.tables import Table

TITLES = {
    1: "Single Server Architecture",
    2: "Database Separation (PostgreSQL)",
    3: "Load Balancer (NGINX)",
    4: "Database Replication",
    5: "Redis Cache",
}


def chapter(stage: Stage, all_stages: AllStages) -> list[Block]:
    """Return the chapter; a stage without records says so instead of showing empty tables."""
    title = Heading(2, f"Stage {stage.number}: {TITLES[stage.number]}")
    if not stage.records:
        command = f"`manage.py lab collect --stage {stage.number}`"
        return [title, Text(f"Not measured yet: {command} fills this chapter.")]
    return [
        title,
        *_configuration(stage),
        Heading(3, "Expected and Reached"),
        _expected(stage, all_stages),
        Heading(3, "Test Results"),
        *runs.section(stage),
        *latencies.section(stage),
        *_failures(stage),
        *_breaking(stage),
        *_root_causes(stage),
        *_cache(stage),
        *_insights(stage),
    ]


def _expected(stage: Stage, all_stages: AllStages) -> Table:
    """Return expected against reached for one stage."""
    rows = []
    for one in criteria.criteria_of(stage.number):
        found = one.judge(stage, all_stages)
        rows.append((one.name, one.expected, found.reached, found.status, found.cause))
    headings = ("Metric", "Expected", "Reached", "Status", "Cause")
    return Table(headings, tuple(rows), numbers=len(headings))


def _configuration(stage: Stage) -> list[Block]:
    record = stage.main or stage.records[-1]
    setup = record.configuration
    data = ", ".join(f"{count:,} {name}" for name, count in setup.data.items())
    machine = record.machine
    items = [
        f"**Instances**: {setup.instances} × {setup.workers} worker(s) × {setup.threads} threads",
        f"**Database**: {_database(record)}",
        f"**Cache**: {f'Redis with {setup.cache_mb:,} MB' if setup.cache_mb else 'none shared'}",
        f"**Pictures**: made {'by a worker' if setup.background_worker else 'inside the request'}",
        *(("**Edge**: nginx answers reads itself",) if setup.edge else ()),
        f"**Data set**: {data or 'not recorded'}",
        *(f"**{name}**: {value}" for name, value in setup.settings.items()),
        f"**Versions**: {', '.join(f'{name} {value}' for name, value in record.versions.items())}",
        f"**Machine**: {machine.cpu}, {machine.cores} cores, {general(machine.memory_gib)} GiB",
        f"**System**: Linux {machine.kernel}, Python {machine.python}, load generator beside it",
    ]
    return [Heading(3, "Configuration"), Items(tuple(items))]


def _database(record: Record) -> str:
    setup = record.configuration
    if "postgres" not in record.server and record.stage == 1:
        return "SQLite in the process of the site"
    replicas = f", {setup.replicas} replicas" if setup.replicas else ""
    return f"PostgreSQL, a pool of {setup.pool} connections per worker{replicas}"


def _failures(stage: Stage) -> list[Block]:
    lines = []
    for run in (stage.journey, stage.mix, stage.reads):
        if run is None:
            continue
        failed, requests = failed_of([run])
        lines.append(f"{run.load.profile}: {failed:,} of {requests:,} requests failed")
        lines += _by_cause(run)
    return [Heading(4, "Failure Analysis"), Code("\n".join(lines))] if lines else []


def _by_cause(run: Record) -> list[str]:
    every, failed = causes_of(run), failures_of(run)
    lines = []
    for cause, count in every.most_common():
        where = {name: found[cause] for name, found in failed.items()}
        lines.append(
            f"- {cause}: {count:,} ({percent(count / every.total())} of the failures; "
            f"{causes(where, 3)})"
        )
    return lines


def _breaking(stage: Stage) -> list[Block]:
    heading = Heading(4, "Breaking Points")
    if stage.breaking is None:
        return [heading, Text("Not measured yet: `manage.py lab breaking` finds them.")]
    headings = ("Concurrent Users", "Success Rate", "Error Types", "p95", "Rate", "Remark")
    rows = tuple(_step(step) for step in stage.breaking.steps)
    note = f"Record: {stage.breaking.name}. Broken: success below 99 % or p95 above 500 ms."
    return [heading, Table(headings, rows, numbers=len(headings)), Text(note)]


def _step(step: Step) -> tuple[str, ...]:
    remark = "broken" if step.broken else ""
    if step.generator_limit:
        remark = f"{remark}, the load generator was the limit".removeprefix(", ")
    return (
        f"{step.users:,}",
        percent(step.success),
        causes(step.failures).capitalize(),
        f"{fixed(step.p95)} ms",
        f"{fixed(step.rate)}/s",
        remark,
    )


def _root_causes(stage: Stage) -> list[Block]:
    record = stage.main
    if record is None or not record.server:
        return []
    whole = sum(group.cpu_seconds for group in record.server.values()) or 1
    rows = tuple(
        (
            name,
            fixed(group.cpu_ms_per_request, 3),
            percent(group.cpu_seconds / whole),
            fixed(group.memory_mb),
        )
        for name, group in record.server.items()
    )
    headings = ("Processes", "CPU ms per request", "share", "peak MB")
    return [
        Heading(3, "Root Cause Analysis"),
        Text(f"What limits the rate ({record.name}): {limit_of(record)}."),
        Table(headings, rows),
        *_database_items(record),
    ]


def _database_items(record: Record) -> list[Block]:
    seen = record.database
    items = [
        ("queries per request", seen.queries_per_request, 2),
        ("rows looked at per request", seen.rows_per_request, 0),
        ("connections at the peak", seen.connections, 0),
        ("waits for locks", seen.lock_waits, 0),
        ("largest replica lag in ms", seen.replica_lag_ms, 0),
    ]
    lines = [
        f"**{name}**: {fixed(value, digits)}" for name, value, digits in items if value is not None
    ]
    if seen.reads:
        shares = ", ".join(f"{name} {percent(share)}" for name, share in seen.reads.items())
        lines.append(f"**reads answered by**: {shares}")
    return [Items(tuple(lines))] if lines else []


def _cache(stage: Stage) -> list[Block]:
    record = stage.main
    if record is None or not record.cache:
        return []
    rows = tuple(
        (
            name,
            f"{kind.hits:,}",
            f"{kind.stale:,}",
            f"{kind.misses:,}",
            f"{kind.rebuilds:,}",
            f"{kind.waits:,}",
            "–" if kind.hit_rate is None else percent(kind.hit_rate),
        )
        for name, kind in record.cache.items()
    )
    headings = ("Data Type", "Hits", "Stale", "Misses", "Rebuilds", "Waits", "Hit Rate")
    text = "Hit rate: answered without SQL, fresh or stale."
    return [Heading(3, "Cache Hit Rates"), Table(headings, rows), Text(text)]


def _insights(stage: Stage) -> list[Block]:
    items = insights(stage)
    return [Heading(3, "Key Insights"), Items(tuple(items))] if items else []


def insights(stage: Stage) -> list[str]:
    """Return the sentences that the records of a stage allow."""
    found = []
    steps = stage.breaking.steps if stage.breaking else ()
    first_broken = next((step for step in steps if step.broken), None)
    if first_broken:
        found.append(
            f"Served well up to {stage.users or 0:,} people at once; breaks at "
            f"{first_broken.users:,} ({percent(first_broken.success)} success, "
            f"p95 {fixed(first_broken.p95)} ms)"
        )
    elif steps:
        found.append(f"Did not break up to {steps[-1].users:,} people at once")
    main = stage.main
    if main is None:
        return found
    written, read = criteria.writes(main), criteria.reads(main)
    if written and read:
        found.append(
            f"A write takes {fixed(written / read, 1)} times a read, password hashes left out"
        )
    found.append(f"Best second: {fixed(main.peak_rps)} requests")
    return found
