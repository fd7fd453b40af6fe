"""``manage.py lab stress``: people use a stage for a while; what they saw and what it cost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.cluster import ClusterError
from infra.lab.commands.options import add_load, add_stage, data_set_from, load_from, on_stage
from infra.lab.commands.terminal import new_console, show_record
from infra.lab.load.driver import CannotMeasure
from infra.lab.measure.ceiling import ceiling
from infra.lab.measure.stress import stress, with_prices
from infra.lab.records.storage import store


def add_arguments(parser: CommandParser) -> None:
    """Take the stage and the load."""
    add_stage(parser)
    add_load(parser)
    parser.add_argument(
        "--prices", action="store_true", help="also measure each operation alone (1 minute)"
    )
    parser.add_argument(
        "--ceiling", action="store_true", help="also read one feed as fast as wrk can"
    )
    parser.add_argument("--store", action="store_true", help="keep the record in docs/")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Measure and print; raises ``CommandError`` if the stage or the load generator fails."""
    console = new_console()
    try:
        with on_stage(options, data_set_from(options), console) as target:
            record, _ = stress(target, load_from(target, options), console=console)
            if options["prices"]:
                record = with_prices(target, record, console=console)
            records = [record]
            if options["ceiling"]:
                records.append(ceiling(target))
    except (CannotMeasure, ClusterError) as error:
        raise CommandError(str(error)) from error
    for record in records:
        show_record(console, record)
        if options["store"]:
            console.print(f"Stored as {store(record).name}")
