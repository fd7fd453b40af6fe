"""``manage.py lab breaking``: how many people at once a stage holds, and how it fails beyond."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from infra.cluster import ClusterError
from infra.lab.commands.options import add_load, add_stage, data_set_from, load_from, on_stage
from infra.lab.commands.terminal import failures_text, new_console
from infra.lab.load.driver import CannotMeasure
from infra.lab.measure.breaking_point import STEPS, breaking
from infra.lab.records import Record, Step
from infra.lab.records.storage import store


def add_arguments(parser: CommandParser) -> None:
    """Take the stage, the load of a step, and the steps."""
    add_stage(parser)
    add_load(parser)
    parser.set_defaults(duration=10)
    parser.add_argument(
        "--steps",
        default=",".join(map(str, STEPS)),
        help="numbers of people, separated by commas (%(default)s); --users is not used",
    )
    parser.add_argument("--store", action="store_true", help="keep the record in docs/")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Search and print the table; raises ``CommandError`` for steps that make no sense."""
    console = new_console()
    try:
        steps = sorted({int(step) for step in options["steps"].split(",")})
    except ValueError:
        raise CommandError("--steps must be numbers, separated by commas.") from None
    if not steps or steps[0] < 1:
        raise CommandError("--steps must be positive.")

    def tell(step: Step) -> None:
        console.print(
            f"{step.users} people: {step.success:.2%} of {step.requests} requests succeed, "
            f"p95 {step.p95:.0f} ms",
            highlight=False,
        )

    try:
        with on_stage(options, data_set_from(options), console) as target:
            load = load_from(target, options)
            record = breaking(target, load, steps=steps, console=console, told=tell)
    except (CannotMeasure, ClusterError) as error:
        raise CommandError(str(error)) from error
    console.print(_table(record))
    console.print(record.notes[0], highlight=False)
    if options["store"]:
        console.print(f"Stored as {store(record).name}")


def _table(record: Record) -> Table:
    table = Table(title=f"Stage {record.stage}: breaking points")
    for heading in ("concurrent users", "success rate", "requests/s", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right")
    table.add_column("error types")
    table.add_column("")
    for step in record.steps:
        state = "generator was the limit" if step.generator_limit else ""
        table.add_row(
            f"{step.users:,}",
            f"{step.success:.2%}",
            f"{step.rate:.1f}",
            f"{step.p50:.1f}",
            f"{step.p95:.1f}",
            failures_text(step.failures),
            state or ("breaks" if step.broken else "holds"),
        )
    return table
