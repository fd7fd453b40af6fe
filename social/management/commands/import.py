"""``manage.py import``: what somebody has brought along from another site, for owners of a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from social.portable.importing import ArchiveRefused, Choices, Outcome, bring, open_archives


class Command(BaseCommand):
    """Make what is in an archive photos of a person; run again, it goes on where it was."""

    help = (
        "Bring photos of another site, or of a folder, along for somebody. Takes archives of "
        "MiniGram, Instagram, Mastodon, Flickr and Google Photos; says first what is in one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, the archive, and what it does not say itself."""
        parser.add_argument("person", help="the username")
        parser.add_argument(
            "archive", type=Path, nargs="+", help="a ZIP file or a folder, or all parts of one"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--show",
            action="store_true",
            help="show what the archive does not say who saw as all photos of the person; without "
            "this only they see it",
        )
        parser.add_argument(
            "--zone", type=ZoneInfo, default="UTC", help="of cameras that do not say theirs (UTC)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and report. Raises ``CommandError`` for an unknown person or a faulty archive."""
        named = User.objects.named(options["person"].removeprefix("@"))
        author = named.filter(is_active=True).first()
        if author is None:
            raise CommandError(f"There is no active account called {options['person']}.")
        choices = Choices(show_unknown=options["show"], zone=options["zone"])
        try:
            with open_archives(options["archive"]) as archive:
                preview = bring(archive, author=author, dry=True, choices=choices)
                self._report(preview, "to import")
                if options["dry_run"]:
                    return
                outcome = bring(archive, author=author, progress=self._progress, choices=choices)
        except ArchiveRefused as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The archive could not be read: {error}") from None
        self._report(outcome, "imported")
        for refusal in outcome.refused:
            self.stdout.write(f"  {refusal.name}: {refusal.sentence}")

    def _progress(self, done: int, total: int) -> None:
        if done % 50 == 0 or done == total:
            self.stdout.write(f"  {done} of {total} posts")

    def _report(self, outcome: Outcome, word: str) -> None:
        span = ""
        if outcome.first and outcome.last:
            span = f" from {outcome.first:%Y-%m-%d} to {outcome.last:%Y-%m-%d}"
        self.stdout.write(
            f"{outcome.source}: {outcome.found} pictures{span}; {outcome.imported} {word} "
            f"({outcome.alone} of them for the author alone), {outcome.already} already here, "
            f"{len(outcome.refused)} refused; {outcome.comments} comments."
        )
