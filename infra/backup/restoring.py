"""Restoring a backup into an empty site, or refusing in words before anything is changed.

Pictures come first and the database last: until then the site is empty, and a restore that was
broken off is run again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from infra.backup import dumps, manifest
from infra.backup.errors import BackupError
from infra.backup.making import named_files
from infra.backup.manifest import Contents, Manifest, Piece
from infra.backup.places import Place
from infra.backup.sealing import Seal, measure
from infra.ops import database_copy
from infra.ops.media_copy import LINKS, stored_files

Report = Callable[[str], None]


@dataclass(frozen=True)
class Restore:
    """A backup on its way into the site."""

    place: Place
    backup: Manifest
    seal: Seal
    report: Report

    def run(self, *, other_secret: bool = False) -> Contents:
        """Restore it; return what it contains.

        Raises ``BackupError``: before anything is changed if the backup is incomplete or does not
        fit this site, if this site is not empty, or runs. Raises ``OSError`` if a picture cannot
        be stored. Reads everything that it restores once to compare checksums, and counts all rows.
        """
        self.seal.refuse_unusable()
        refuse_unfit(self.backup, other_secret=other_secret)
        refuse_used_site()
        self._refuse_incomplete()
        contents = self.contents()
        if unknown := set(stored_files(default_storage)) - contents.files.keys():
            raise BackupError(
                f"MEDIA_ROOT is not empty: {len(unknown)} files there are not in the backup, such "
                f"as {min(unknown)}."
            )
        with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as folder:
            dump = Path(folder) / "database"
            opened = self._opened(self.backup.name("database"), self.backup.database)
            with opened as content, dump.open("wb") as file:
                shutil.copyfileobj(content, file)
            self.report(f"Restoring {len(contents.files)} pictures ...")
            for name, key in contents.files.items():
                self._restore_file(name, key)
            self.report("Restoring the database ...")
            dumps.load(dump)
        _compare(contents, self.report)
        return contents

    def contents(self) -> Contents:
        """Return what the backup contains. Raises ``BackupError`` if it cannot be decrypted."""
        with self._opened(self.backup.name("contents"), self.backup.contents) as file:
            return Contents(**json.loads(file.read()))

    def _refuse_incomplete(self) -> None:
        """Raise ``BackupError`` unless each object is in the place with its size."""
        sizes = self.place.sizes(f"{manifest.MEDIA}/")
        sizes |= self.place.sizes(f"{manifest.BACKUPS}/{self.backup.moment}/")
        pieces = self.backup.pieces()
        bad = [name for name, piece in pieces.items() if sizes.get(name) != piece.size]
        if bad:
            raise BackupError(f"{len(bad)} objects are missing or cut off, such as {bad[0]}.")

    @contextmanager
    def _opened(self, name: str, piece: Piece) -> Iterator[IO[bytes]]:
        """Yield an object, decrypted. Raises ``BackupError`` if it is not what was written."""
        with tempfile.TemporaryFile() as whole:
            with self.place.open(name) as stored:
                shutil.copyfileobj(stored, whole)
            whole.seek(0)
            if Piece(*measure(whole)) != piece:
                raise BackupError(f"{name} is damaged: use another backup.")
            whole.seek(0)
            with self.seal.opened(whole) as content:
                yield content

    def _restore_file(self, name: str, key: str) -> None:
        with self._opened(manifest.object_name(key), self.backup.media[key]) as content:
            if default_storage.exists(name):
                with default_storage.open(name) as here:
                    if measure(here) == measure(content):
                        return
                raise BackupError(f"MEDIA_ROOT has another file named {name}.")
            saved = default_storage.save(name, File(content))
        if saved != name:
            raise BackupError(f"{name} was stored as {saved}: another process writes there.")


def refuse_unfit(backup: Manifest, *, other_secret: bool = False) -> None:
    """Raise ``BackupError`` unless this code, database and secret are right for a backup."""
    connection = connections[DEFAULT_DB_ALIAS]
    if backup.vendor != connection.vendor:
        raise BackupError(
            f"The backup is of {backup.vendor}, and DATABASE_URL names {connection.vendor}: "
            "restore into the former, then manage.py copy_site moves it to PostgreSQL."
        )
    if _major(backup.server) > _major(dumps.server_version()):
        raise BackupError(
            f"The backup is of {connection.display_name} {backup.server}, and the server here is "
            f"{dumps.server_version()}: update the server first."
        )
    known = MigrationLoader(None).disk_migrations
    if unknown := [name for name in backup.migrations if tuple(name) not in known]:
        raise BackupError(
            f"The backup is of MiniGram {backup.version}, which has a migration that this "
            f"{manifest.site_version()} does not know ({'.'.join(unknown[0])}): update first."
        )
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if backup.key not in map(manifest.secret_mark, secrets) and not other_secret:
        raise BackupError(
            "SECRET_KEY is not that of the backup: set the one that the site had. With another "
            "all log-ins and pushes end, and what it encrypts is lost (--other-secret)."
        )


def refuse_used_site() -> None:
    """Raise ``BackupError`` if the site has rows or runs. One query for each table."""
    connection = connections[DEFAULT_DB_ALIAS]
    tables = set(connection.introspection.table_names())
    for model in database_copy.models():
        table, label = model._meta.db_table, model._meta.label
        if label in database_copy.WRITTEN_BY_MIGRATE or table not in tables:
            continue
        if QuerySet(model, using=DEFAULT_DB_ALIAS).order_by().exists():
            raise BackupError(
                f"The site is not empty: there are rows in {table}. Restore into an empty "
                "database (DATABASE_URL) and an empty MEDIA_ROOT."
            )
    if dumps.is_in_use():
        raise BackupError("The site runs: stop it first (instances, worker, keeper).")


def _compare(contents: Contents, report: Report) -> None:
    """Count rows, migrate, forget what was derived from another database, look for all pictures.

    Raises ``BackupError`` if something is not as it was.
    """
    counts = dumps.row_counts(DEFAULT_DB_ALIAS)
    different = [name for name, rows in contents.rows.items() if counts.get(name, rows) != rows]
    if different:
        raise BackupError(f"Other numbers of rows than in the backup, in {', '.join(different)}.")
    call_command("migrate", verbosity=0)
    for label in database_copy.EXCLUDED:
        QuerySet(apps.get_model(label), using=DEFAULT_DB_ALIAS).delete()
    cache.clear()
    shutil.rmtree(settings.DATA_DIR / "run" / "lsns", ignore_errors=True)
    if media := getattr(default_storage, "folder", None):
        shutil.rmtree(Path(media) / LINKS, ignore_errors=True)
    lost = set(named_files(DEFAULT_DB_ALIAS)) - contents.files.keys() - set(contents.missing)
    if lost:
        raise BackupError(f"{len(lost)} pictures that rows name are missing, such as {min(lost)}.")
    report(f"  {sum(contents.rows.values())} rows and {len(contents.files)} pictures are equal")


def _major(version: str) -> int:
    return int(version.partition(".")[0])
