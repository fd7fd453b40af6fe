"""``manage.py demo``: people and photos to look at, and an account to log in with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from social.demo.load import PASSWORD, PHOTOS, CannotLoad, load
from social.demo.people import DEMO


class Command(BaseCommand):
    """Load the demo; one that is there is kept as it is."""

    help = "Load demo people, photos, likes and comments, unless they are there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many photos, and how many processes paint them."""
        parser.add_argument("--photos", type=int, default=PHOTOS, help=f"how many ({PHOTOS})")
        parser.add_argument("--workers", type=int, default=2, help="processes that paint (2)")

    def handle(self, *_args: Any, photos: int, workers: int, **_options: Any) -> None:
        """Load the demo and print the login; a site that cannot have one gets a message."""
        try:
            if not load(report=self.stdout.write, photos=max(0, photos), workers=max(0, workers)):
                self.stdout.write("The demo is there; it is kept as it is.")
        except CannotLoad as reason:
            self.stdout.write(str(reason))
            return
        self.stdout.write(f"Log in as {DEMO} with the password {PASSWORD}")
