"""Tables on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from infra.lab.load.spec import PAGE_PICTURE
from infra.lab.records import Operation, Record

# Of the record's quantiles, those that fit on a line.
LATENCIES = ("p50", "p95", "p99", "p999", "max")
LOG_WIDTH = 120  # where the output is no terminal


def new_console() -> Console:
    """Return the terminal, or a log that is wide enough for the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=LOG_WIDTH)


def failures_text(failures: dict[str, int]) -> str:
    """Return causes and counts, the most frequent first."""
    ordered = sorted(failures.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {cause}" for cause, count in ordered) or "none"


def show_record(console: Console, record: Record) -> None:
    """Print one record: operations, servers, database, cache, notes, and why it is void."""
    console.print(_operations(record))
    console.print(_servers(record))
    database = record.database
    console.print(
        f"Best second {record.peak_rps:.0f} requests; "
        f"{record.bytes.received / 1e6:.1f} MB in, {record.bytes.sent / 1e6:.1f} MB out; generator "
        f"{record.generator.cpu_share_of_core:.0%} of a core; "
        f"measuring {record.overhead_share:.1%} of the CPU.",
        highlight=False,
    )
    if database.queries_per_request is not None:
        console.print(
            f"{database.queries_per_second} queries/s, {database.queries_per_request} per request; "
            f"{database.connections} connections, {database.lock_waits} lock waits"
            + (f", lag up to {database.replica_lag_ms} ms" if database.replica_lag_ms else "")
            + (f", reads {database.reads}" if len(database.reads) > 1 else ""),
            highlight=False,
        )
    for kind, seen in record.cache.items():
        if seen.hit_rate is not None:
            console.print(f"cache, {kind}: {seen.hit_rate:.1%} hits", highlight=False)
    for note in record.notes:
        console.print(f"Note: {note}", style="dim", highlight=False)
    if record.void:
        console.print(f"VOID: {record.void}", style="bold red", highlight=False)


def _operations(record: Record) -> Table:
    load = record.load
    what = f"{load.arrival_rate:g} arrivals/s" if load.arrival_rate else f"{load.users} people"
    table = Table(title=f"Stage {record.stage}: {what}, {record.seconds:.0f} s ({load.profile})")
    table.add_column("operation", no_wrap=True)
    for heading in ("requests", "per s", *LATENCIES, "x reads"):
        table.add_column(heading, justify="right")
    table.add_column("failures")
    reads = [one for one in record.operations.values() if one.kind == "read" and one.requests]
    weight = sum(one.requests for one in reads)
    baseline = sum(one.mean * one.requests for one in reads) / weight if weight else 0
    for name, one in record.operations.items():
        table.add_row(*_row(name, one, baseline))
    if record.pictures:
        table.add_row(*_row(PAGE_PICTURE, record.pictures, baseline))
    table.add_section()
    table.add_row(*_row("all", record.totals, baseline))
    return table


def _row(name: str, one: Operation, baseline: float) -> list[str]:
    times = [f"{getattr(one, field):.1f}" for field in LATENCIES]
    ratio = f"{one.mean / baseline:.1f}" if baseline else "-"
    failed = failures_text(one.failures)
    return [name, f"{one.requests:,}", f"{one.rate:.1f}", *times, ratio, failed]


def _servers(record: Record) -> Table:
    table = Table(title="Servers")
    table.add_column("processes")
    for heading in ("CPU ms per request", "CPU s", "memory MB"):
        table.add_column(heading, justify="right")
    for name, group in record.server.items():
        table.add_row(
            name,
            f"{group.cpu_ms_per_request:.2f}",
            f"{group.cpu_seconds:.1f}",
            f"{group.memory_mb:.0f}",
        )
    return table
