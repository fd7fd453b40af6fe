"""``manage.py lab export``: write docs/performance.md and what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.commands.options import add_records, records_folder
from infra.lab.records.selection import prune
from infra.lab.records.storage import RecordInvalid, load_all
from infra.lab.report.files import write
from infra.project import PROJECT


def add_arguments(parser: CommandParser) -> None:
    """Take the folder that the document is written into."""
    add_records(parser)
    parser.add_argument("--docs", type=Path, default=PROJECT / "docs")
    told = "first remove the records that newer ones have superseded"
    parser.add_argument("--prune", action="store_true", help=told)


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Write the files; raises ``CommandError`` for a file that is no record. Some ten seconds."""
    folder = records_folder(options)
    try:
        removed = prune(folder) if options["prune"] else []
        written = write(load_all(folder), options["docs"])
    except (RecordInvalid, ValueError) as error:
        raise CommandError(str(error)) from error
    for path in removed:
        command.stdout.write(f"Removed {path.name}")
    for path in written:
        command.stdout.write(f"Wrote {path.name}")
