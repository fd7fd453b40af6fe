"""``manage.py maintain``: what a cron job or timer runs once a day."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from social.upkeep import delete_expired, trim_feeds


class Command(BaseCommand):
    """Shorten long feeds; delete sessions and keys that have expired."""

    help = "Trim stored feeds and delete expired sessions and keys. Safe at any time."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it, and say how much there was."""
        self.stdout.write(f"Trimmed {trim_feeds()} feeds.")
        call_command("clearsessions")
        for what, count in delete_expired().items():
            self.stdout.write(f"Deleted {count} expired {what}.")
