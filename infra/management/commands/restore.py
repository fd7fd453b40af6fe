"""``manage.py restore``: a backup into an empty site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from infra.backup import manifest
from infra.backup.errors import BackupError
from infra.backup.places import open_place, shown
from infra.backup.restoring import Restore
from infra.backup.sealing import Seal


class Command(BaseCommand):
    """The command: restore a backup, or list those that there are."""

    help = (
        "Restore a backup into an empty site, or say why not. SOURCE is the folder or s3://… that "
        "manage.py backup wrote to. Stop the site first. Refuses a site with rows or other "
        "pictures, a backup that is damaged or of newer code, and another SECRET_KEY."
    )
    # The database may have no tables yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the place, which of its backups, and the key."""
        parser.add_argument("source", metavar="SOURCE", help="a folder, or s3://…")
        parser.add_argument("--moment", help="which backup (the newest if left out)")
        parser.add_argument("--list", action="store_true", help="list the backups, restore none")
        parser.add_argument("--identity", default="", metavar="FILE", help="the private key of age")
        parser.add_argument(
            "--other-secret", action="store_true", help="go on though SECRET_KEY is another"
        )

    def handle(self, *_args: Any, source: str, **options: Any) -> None:
        """Restore or list; raises ``CommandError`` with what is wrong and what to do."""
        try:
            self._handle(source, options)
        except (BackupError, OSError, Error) as error:
            raise CommandError(str(error)) from error

    def _handle(self, source: str, options: dict[str, Any]) -> None:
        place = open_place(source)
        moments = manifest.moments(place)
        if not moments:
            raise BackupError(f"There is no backup in {shown(source)}.")
        if options["list"]:
            for moment in moments:
                made = manifest.read(place, moment)
                self.stdout.write(
                    f"{moment}  {made.vendor}  {len(made.media)} pictures  {made.sealed_by}"
                )
            return
        moment = options["moment"] or moments[-1]
        if moment not in moments:
            raise BackupError(f"There is no backup {moment}: --list shows those that there are.")
        backup = manifest.read(place, moment)
        seal = Seal(backup.sealed_by, identity=options["identity"])
        Restore(place, backup, seal, self.stdout.write).run(other_secret=options["other_secret"])
        self.stdout.write(f"Restored {moment}. Start the site, then: manage.py doctor")
