"""``manage.py lab drill``: break parts under load, and compare with what was declared."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from infra.cluster import ClusterError
from infra.lab.commands.options import add_stage, data_set_from, on_stage
from infra.lab.commands.terminal import new_console
from infra.lab.faults.drill import drills
from infra.lab.faults.expectations import Expectation, faults, for_stage
from infra.lab.load.driver import CannotMeasure
from infra.lab.records import Drill, Record
from infra.lab.records.storage import store


def add_arguments(parser: CommandParser) -> None:
    """Take the stage and, if not all of them, the faults."""
    add_stage(parser)
    parser.set_defaults(people=300, follows=30, photos=2000, likes=10_000)
    parser.add_argument(
        "--fault", action="append", choices=faults(), help="only this one; can be repeated"
    )
    parser.add_argument("--store", action="store_true", help="keep the record in docs/")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Break parts under load and print; raises ``CommandError`` for what was not as declared."""
    console = new_console()
    rows = _chosen(options["stage"], options["fault"])

    def tell(drill: Drill) -> None:
        console.print(f"{drill.fault}: {drill.observed}", highlight=False)

    try:
        with on_stage(options, data_set_from(options), console) as target:
            record = drills(target, rows, console=console, told=tell)
    except (CannotMeasure, ClusterError) as error:
        raise CommandError(str(error)) from error
    console.print(_table(record))
    for drill in record.drills:
        if not drill.as_expected:
            console.print(f"{drill.fault}, expected: {drill.expected}", highlight=False)
            console.print(f"{drill.fault}, observed: {drill.observed}", highlight=False)
    for note in record.notes:
        console.print(f"Note: {note}", style="dim", highlight=False)
    if options["store"]:
        console.print(f"Stored as {store(record).name}")
    surprises = [drill.fault for drill in record.drills if not drill.as_expected]
    if surprises:
        raise CommandError(f"Not as declared: {', '.join(surprises)}.")


def _chosen(stage: int, names: list[str] | None) -> list[Expectation]:
    rows = for_stage(stage)
    if names is None:
        return rows
    chosen = [row for row in rows if row.fault in names]
    if missing := set(names) - {row.fault for row in chosen}:
        raise CommandError(
            f"Stage {stage} has no {', '.join(sorted(missing))}. "
            f"It has: {', '.join(row.fault for row in rows)}."
        )
    return chosen


def _table(record: Record) -> Table:
    table = Table(title=f"Stage {record.stage}: faults under load")
    table.add_column("fault", no_wrap=True)
    for heading in ("sent", "failed", "stale", "wrong", "lost", "doubled", "recovery"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for drill in record.drills:
        counts = (drill.sent, drill.failed, drill.stale, drill.wrong, drill.lost, drill.doubled)
        recovery = "-" if drill.recovery_seconds is None else f"{drill.recovery_seconds:.1f} s"
        verdict = "as expected" if drill.as_expected else "NOT as expected"
        table.add_row(drill.fault, *map(str, counts), recovery, verdict)
    return table
