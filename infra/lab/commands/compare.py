"""``manage.py lab compare``: stages or runs side by side."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.analysis import comparison
from infra.lab.commands.options import add_records, records_folder
from infra.lab.records import selection
from infra.lab.records.storage import RecordInvalid, load_all
from infra.lab.report.comparison_table import comparison_table


def add_arguments(parser: CommandParser) -> None:
    """Take the sides, the profile that is compared, and the form of the table."""
    add_records(parser)
    told = "3, stage3@0123abc, a file; none: all stages that were measured"
    parser.add_argument("sides", nargs="*", metavar="A", help=told)
    parser.add_argument("--profile", default="mix", choices=["mix", "journey", "reads"])
    parser.add_argument("--format", default="text", choices=["text", "markdown", "json"])
    parser.add_argument("--fail-on-worse", action="store_true", help="exit code 1 if worse")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Compare and print.

    Raises ``CommandError`` for less than two sides, for a side that no record fits, for a file
    that is no record, and, if it was asked for, where a figure is worse than that of the first.
    """
    try:
        rows = _compared(command, options)
    except (RecordInvalid, ValueError) as error:
        raise CommandError(str(error)) from error
    worse = comparison.worse(rows)
    if worse and options["fail_on_worse"]:
        raise CommandError(f"Worse: {', '.join(worse)}.")


def _compared(command: BaseCommand, options: dict[str, Any]) -> list[comparison.Row]:
    records, profile = load_all(records_folder(options)), options["profile"]
    names = options["sides"] or selection.measured(records, profile)
    if len(names) < 2:
        raise CommandError("Comparing needs two stages or records; lab collect makes them.")
    sides = [selection.side(name, records, profile) for name in names]
    rows = comparison.compare(sides)
    if options["format"] == "json":
        command.stdout.write(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        shown = comparison_table(sides, rows)
        markdown = options["format"] == "markdown"
        command.stdout.write(shown.markdown() if markdown else shown.text())
    for warning in comparison.warnings(sides):
        command.stderr.write(f"Mind: {warning}")
    return rows
