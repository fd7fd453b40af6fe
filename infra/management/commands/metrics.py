"""``manage.py metrics``: a short name of ``lab collect``, ``compare``, ``export`` and ``plan``."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandParser

from infra.lab.commands.subcommands import GroupCommand
from infra.lab.records.storage import RECORDS


class Command(GroupCommand):
    """Run one of the four subcommands that work with records."""

    help = "Collects records of a stage, compares them, exports the document, plans growth."
    subcommands = ("collect", "compare", "export", "plan")

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder of the records before the subcommand as well."""
        parser.add_argument("--records", type=Path, default=RECORDS, help="folder of the records")
        super().add_arguments(parser)
