"""``manage.py search_index``: look the index of search over, or build it anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from social.search import upkeep


class Command(BaseCommand):
    """Look the index of search over; with ``--rebuild`` build it anew before."""

    help = (
        "Look the index of search over, and say what is wrong with it. The database keeps it by "
        "itself; --rebuild is for one that was damaged, or after pg_trgm became available."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``--rebuild``."""
        parser.add_argument("--rebuild", action="store_true", help="build it anew first")

    def handle(self, *_args: Any, rebuild: bool, **_options: Any) -> None:
        """Print what was done; each fault that remains is part of a ``CommandError``."""
        if rebuild:
            upkeep.rebuild(self.stdout.write)
        if found := list(upkeep.faults()):
            raise CommandError(" ".join(found))
        self.stdout.write("The index of search is sound.")
