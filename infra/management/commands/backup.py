"""``manage.py backup``: database and pictures of one moment into a folder or a bucket."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from infra.backup import making, manifest
from infra.backup.errors import BackupError
from infra.backup.places import open_place, shown
from infra.backup.sealing import AGE, GPG, NONE, Seal


class Command(BaseCommand):
    """The command: make a backup, or read the newest one whole."""

    help = (
        "Back up database and pictures of one moment, while the site goes on. DESTINATION is a "
        "folder or s3://KEY:SECRET@host/bucket. Only new pictures are copied; what is written is "
        "read back and compared. With --age or --gpg all of it is encrypted for a public key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the place and how it is used."""
        parser.add_argument("destination", metavar="DESTINATION", help="a folder, or s3://…")
        sealed = parser.add_mutually_exclusive_group()
        for tool in (AGE, GPG):
            sealed.add_argument(
                f"--{tool}",
                action="append",
                default=[],
                metavar="KEY",
                help=f"encrypt by {tool} for this public key, or those in this file; repeatable",
            )
        parser.add_argument(
            "--keep", type=int, default=14, help="how many backups stay (default: 14)"
        )
        parser.add_argument(
            "--verify", action="store_true", help="make none: read the newest whole and compare"
        )

    def handle(self, *_args: Any, destination: str, **options: Any) -> None:
        """Back up, or verify; raises ``CommandError`` with what failed and what to do."""
        if options["keep"] < 1:
            raise CommandError("--keep must be at least 1.")
        try:
            if options["verify"]:
                self._verify(destination)
            else:
                self._back_up(destination, options)
        except (BackupError, OSError, Error) as error:
            raise CommandError(str(error)) from error

    def _back_up(self, destination: str, options: dict[str, Any]) -> None:
        tool = next((tool for tool in (AGE, GPG) if options[tool]), NONE)
        seal = Seal(tool, tuple(options.get(tool) or ()))
        place = open_place(destination)
        made, missing = making.make(place, seal, self.stdout.write, keep=options["keep"])
        for name in missing:
            self.stderr.write(f"A row names the picture {name}, which is nowhere (check_media).")
        size = sum(piece.size for piece in made.pieces().values())
        self.stdout.write(
            f"Backed up as {made.moment} in {shown(destination)}: {len(made.media)} pictures, "
            f"{size / 1024**2:.1f} MiB in all."
        )

    def _verify(self, destination: str) -> None:
        place = open_place(destination)
        moments = manifest.moments(place)
        if not moments:
            raise BackupError(f"There is no backup in {shown(destination)}.")
        count = making.verify(place, moments[-1], self.stdout.write)
        self.stdout.write(f"The backup {moments[-1]} is whole: {count} objects.")
