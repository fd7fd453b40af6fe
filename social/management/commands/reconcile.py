"""``manage.py reconcile``: compare the counters with the rows that they count."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from social.upkeep import reconcile


class Command(BaseCommand):
    """Report drift of the counters; with ``--fix``, correct it."""

    help = "Compare all counters with the rows that they count. Exit status 1 if any is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``--fix``."""
        parser.add_argument("--fix", action="store_true", help="set them right (exit status 0)")

    def handle(self, *_args: Any, fix: bool, **_options: Any) -> None:
        """Print what was checked and what was wrong."""
        drift = 0
        for what, (checked, wrong) in reconcile(fix=fix).items():
            drift += wrong
            outcome = "corrected" if fix and wrong else "wrong"
            self.stdout.write(f"Counters of {checked} {what}: {wrong} {outcome}.")
        if drift and not fix:
            self.stderr.write("The counters have drifted; --fix corrects them.")
            sys.exit(1)
