"""``manage.py copy_site``: moves a Stage 1 site (SQLite, files) into the configured one."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from infra.ops import database_copy, media_copy
from infra.ops.database_copy import CannotCopy


class Command(BaseCommand):
    """Copy files, then all rows in one transaction; prove both equal."""

    help = (
        "Copy a site from SQLite and files to PostgreSQL, and prove both equal. The target is the "
        "empty, migrated database of DATABASE_URL, and MEDIA_ROOT. Stop the site first. On "
        "failure the database stays empty, and the next run goes on with the files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the source is."""
        parser.add_argument("database", type=Path, help="the source's SQLite file")
        parser.add_argument("media", type=Path, help="the source's folder of media")
        parser.add_argument(
            "--verify", action="store_true", help="copy nothing, compare what was copied"
        )

    def handle(self, *_args: Any, database: Path, media: Path, **options: Any) -> None:
        """Copy or compare; exit status 1 if both sides are not equal at the end."""
        self._check(database, media)
        began = time.monotonic()
        try:
            with database_copy.opened(database):
                (self._verify if options["verify"] else self._copy)(media)
        except (CannotCopy, OSError, Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Both sides are equal. Done in {time.monotonic() - began:.1f} s.")

    def _check(self, database: Path, media: Path) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL must name the PostgreSQL database to copy into.")
        if not database.is_file():
            raise CommandError(f"There is no file {database}.")
        if not media.is_dir():
            raise CommandError(f"There is no folder {media}.")

    def _copy(self, media: Path) -> None:
        database_copy.refuse_unless_copyable("default")
        if not _is_same_folder(media):
            media_copy.refuse_strangers(media, default_storage)
            self.stdout.write("[1/3] Copying files ...")
            copied = media_copy.copy_files(media, default_storage, self.stdout.write)
            self.stdout.write(f"  {copied} files copied")
        self.stdout.write("[2/3] Copying rows, and comparing them ...")
        database_copy.copy_rows("default", self.stdout.write)
        self.stdout.write("[3/3] Comparing files ...")
        self._compare_files(media)

    def _verify(self, media: Path) -> None:
        self._raise(database_copy.differences("default", self.stdout.write))
        self._compare_files(media)

    def _compare_files(self, media: Path) -> None:
        if _is_same_folder(media):
            self.stdout.write("  the target uses the same folder")
            return
        self._raise(media_copy.different_files(media, default_storage))
        self.stdout.write(f"  {len(media_copy.source_files(media))} files are equal")

    def _raise(self, differences: list[str]) -> None:
        if differences:
            more = f" And {len(differences) - 20} more." if len(differences) > 20 else ""
            raise CannotCopy(" ".join(differences[:20]) + more)


def _is_same_folder(media: Path) -> bool:
    """Tell whether the target keeps using the source's folder: nothing is to be copied then."""
    target = Path(settings.MEDIA_ROOT)
    return target.is_dir() and target.resolve() == media.resolve()
