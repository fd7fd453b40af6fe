"""``manage.py copy_site``: copies a Stage 1 site (SQLite, files) into the configured site."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connection

from infra.ops import database_copy, media_copy
from infra.ops.database_copy import CannotCopy

# Differences that a message names one by one.
SHOWN = 20


class Command(BaseCommand):
    """The command: copy files, then all rows in one transaction, and prove both equal."""

    help = (
        "Copy a site from SQLite and files to PostgreSQL, and prove both equal. The target is the "
        "empty, migrated database of DATABASE_URL, and MEDIA_ROOT. Stop the site first. On "
        "failure the database stays empty, and the next run goes on with the files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments: the source's database and media, and ``--verify``."""
        parser.add_argument("database", type=Path, help="the source's SQLite file")
        parser.add_argument("media", type=Path, help="the source's folder of media")
        parser.add_argument(
            "--verify", action="store_true", help="copy nothing, compare what was copied"
        )

    def handle(self, *_args: Any, database: Path, media: Path, **options: Any) -> None:
        """Copy, or only compare. Raises ``CommandError`` unless both sides are equal at the end."""
        self._refuse_unusable(database, media)
        began = time.monotonic()
        try:
            database_copy.lift_limits(DEFAULT_DB_ALIAS)
            with database_copy.open_source(database):
                (self._verify if options["verify"] else self._copy)(media)
        except (CannotCopy, OSError, Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Both sides are equal. Done in {time.monotonic() - began:.1f} s.")

    def _refuse_unusable(self, database: Path, media: Path) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL must name the PostgreSQL database to copy into.")
        if not database.is_file():
            raise CommandError(f"There is no file {database}.")
        if not media.is_dir():
            raise CommandError(f"There is no folder {media}.")

    def _copy(self, media: Path) -> None:
        database_copy.refuse_unless_copyable(DEFAULT_DB_ALIAS)
        if not _is_same_folder(media):
            media_copy.refuse_unknown_files(media, default_storage)
            self.stdout.write("[1/3] Copying files ...")
            copied = media_copy.copy_files(media, default_storage, self.stdout.write)
            self.stdout.write(f"  {copied} files copied")
        self.stdout.write("[2/3] Copying rows, and comparing them ...")
        database_copy.copy_rows(DEFAULT_DB_ALIAS, self.stdout.write)
        self.stdout.write("[3/3] Comparing files ...")
        self._compare_files(media)

    def _verify(self, media: Path) -> None:
        _refuse_differences(database_copy.differences(DEFAULT_DB_ALIAS, self.stdout.write))
        self._compare_files(media)

    def _compare_files(self, media: Path) -> None:
        if _is_same_folder(media):
            self.stdout.write("  the target uses the same folder")
            return
        _refuse_differences(media_copy.different_files(media, default_storage))
        self.stdout.write(f"  {len(media_copy.source_files(media))} files are equal")


def _refuse_differences(differences: list[str]) -> None:
    """Raise ``CannotCopy`` with the first of these sentences, if there are any."""
    if differences:
        more = f" And {len(differences) - SHOWN} more." if len(differences) > SHOWN else ""
        raise CannotCopy(" ".join(differences[:SHOWN]) + more)


def _is_same_folder(media: Path) -> bool:
    """Tell whether the target keeps using the source's folder, so that nothing is to be copied."""
    target = Path(settings.MEDIA_ROOT)
    return target.is_dir() and target.resolve() == media.resolve()
