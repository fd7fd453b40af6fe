"""``manage.py doctor``: what of the site is in order, and what to do where it is not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from infra.doctor import Findings, examine
from infra.doctor.report import report


class Command(BaseCommand):
    """The command: look at everything, print it, and say what to do."""

    help = (
        "Look whether the site is in order, and say what to do where it is not. Looks at settings, "
        "variables that nothing reads, folders, static files, database, replicas, cache, tasks, "
        "storage, mail, clock, backups, certificate, and asks the site itself. Exit status 1 if "
        "something does not work; warnings alone are status 0."
    )
    # Its own rows say what the checks say, whatever their level.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the site is, and what may be done to it."""
        parser.add_argument("--url", help="where the site answers (SITE_URL if left out)")
        parser.add_argument("--mail-to", default="", metavar="ADDRESS", help="send a test mail")
        parser.add_argument(
            "--visit",
            action="store_true",
            help="also be a member for a minute: sign up, publish, like, delete the account",
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Examine and report; raises ``CommandError`` if something does not work."""
        found = Findings()
        url = (options["url"] or settings.SITE_URL).rstrip("/")
        examine(found, url, mail_to=options["mail_to"])
        if options["visit"] and found.rows[-1].state == "ok":
            from infra.lab.diagnose.visit import Visit

            Visit(url).go(found)
        report(self, found, as_json=options["json"])
