"""``manage.py lab plan``: what a number of people needs, on paper."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.analysis import capacity
from infra.lab.analysis.capacity import MEANINGS, Assumptions
from infra.lab.analysis.request_costs import costs_of, newest
from infra.lab.commands.options import STAGES, add_records, records_folder
from infra.lab.records.storage import RecordInvalid, load_all
from infra.lab.report import growth
from infra.lab.report.tables import Table


def add_arguments(parser: CommandParser) -> None:
    """Take the number of people, and every assumption."""
    add_records(parser)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--rate", type=float, help="requests a second (else from assumptions)")
    parser.add_argument("--stage", type=int, choices=STAGES, help="whose costs")
    for field in fields(Assumptions):
        option, meaning = f"--{field.name.replace('_', '-')}", MEANINGS[field.name]
        kind, told = type(field.default), f"{meaning} ({field.default:,g})"
        parser.add_argument(option, type=kind, default=field.default, help=told)


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Compute and print the plan.

    Raises ``CommandError`` where no record has the costs of a request, and for less than a person.
    """
    assumed = Assumptions(**{field.name: options[field.name] for field in fields(Assumptions)})
    try:
        costs = costs_of(newest(load_all(records_folder(options)), options["stage"]))
        made = capacity.plan(options["users"], costs, assumed, options["rate"])
    except (RecordInvalid, ValueError) as error:
        raise CommandError(str(error)) from error
    told = growth.bottlenecks(made).replace("**", "").replace("`", "")
    command.stdout.write(f"{growth.needs_table([made]).text()}\n\n{told}\n")
    for block in growth.sources(costs, assumed):
        if isinstance(block, Table):
            command.stdout.write(f"\n{block.text()}")
