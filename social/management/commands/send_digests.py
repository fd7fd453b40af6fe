"""``manage.py send_digests``: sends the daily mails that are due, on sites without a worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from social.moderation.desk import waiting
from social.notifications.digest.service import send_due


class Command(BaseCommand):
    """Send the digests that are due, and the mails to the staff. Safe at any time."""

    help = (
        "Send the daily mails that are due, where no worker does. Run it every few minutes. Safe "
        "at any time: nobody gets one twice."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Send them, and print how many there were."""
        self.stdout.write(f"{send_due()} digests were due.")
        self.stdout.write(f"{waiting.send_due()} mails to the staff were due.")
