"""``manage.py large_sizes``: the largest size of all photos that lack it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from photos.files import large


class Command(BaseCommand):
    """Make the size of 2560 pixels of the photos that were published without it."""

    help = (
        "Make the largest size (2560 pixels wide) of all photos that lack it. New photos get "
        "theirs from the worker or from maintain: run it once, after an update from a version "
        "without it. Safe at any time, and may be stopped and started again."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Go through all photos and print how many sizes were made."""
        made = sum(large.make_all())
        self.stdout.write(f"Made {made} largest sizes.")
