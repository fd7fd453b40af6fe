"""Making a backup: pictures, then the database of one moment, then the pictures added meanwhile.

Every picture that a row of that moment names is in the backup: it was there at the moment, so it
was copied before, or is there still. One that was deleted in between shows as missing, and the
database is read anew: its row is gone by then.
"""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from infra.backup import dumps, last, manifest
from infra.backup.errors import BackupError
from infra.backup.manifest import Contents, Manifest, Piece
from infra.backup.places import Place
from infra.backup.sealing import Seal, measure
from infra.ops.media_copy import stored_files

Report = Callable[[str], None]
ATTEMPTS = 3
REPORT_EVERY_FILES = 1000


@dataclass
class Backup:
    """A backup on its way into a place."""

    place: Place
    seal: Seal
    report: Report
    moment: str = field(default_factory=manifest.now)
    # Objects of pictures that are in the place, by key; and keys by the name of the picture
    media: dict[str, Piece] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    copied: int = 0

    def key(self, name: str) -> str:
        """Return the key of a picture's object, which says nothing of the picture."""
        value = "\0".join([self.seal.tool, *sorted(self.seal.recipients), name])
        return salted_hmac("infra.backup.media", value, algorithm="sha256").hexdigest()[:40]

    def recall(self) -> None:
        """Learn which pictures the place has, from its newest sound backup and what lies there."""
        sizes = self.place.sizes(f"{manifest.MEDIA}/")
        for moment in reversed(manifest.moments(self.place)):
            with suppress(BackupError):
                newest = manifest.read(self.place, moment)
                self.media = {
                    key: piece
                    for key, piece in newest.media.items()
                    if sizes.get(manifest.object_name(key)) == piece.size
                }
                return

    def copy_media(self) -> set[str]:
        """Copy the pictures that the place lacks; return the names of all that are stored now."""
        names = set(stored_files(default_storage))
        for name in sorted(names - self.files.keys()):
            self.copy(name)
        return names

    def copy(self, name: str) -> None:
        """Copy a picture unless the place has it; one that was deleted meanwhile is left out."""
        key = self.key(name)
        if key not in self.media:
            try:
                with default_storage.open(name) as file:
                    self.media[key] = self.store(manifest.object_name(key), file)
            except FileNotFoundError:
                return
            self.copied += 1
            if self.copied % REPORT_EVERY_FILES == 0:
                self.report(f"  {self.copied} pictures copied")
        self.files[name] = key

    def store(self, name: str, content: IO[bytes]) -> Piece:
        """Encrypt, write and read back an object. Raises ``BackupError`` if it is another then."""
        with self.seal.sealed(content) as sealed:
            piece = Piece(*measure(sealed))
            sealed.seek(0)
            self.place.write(name, sealed)
        with self.place.open(name) as written:
            if Piece(*measure(written)) != piece:
                raise BackupError(f"What was written to {name} is not what is read back.")
        return piece

    def finish(self, stored: set[str], snapshot: dumps.Snapshot, missing: list[str]) -> Manifest:
        """Write the database, what the backup contains, and last the manifest."""
        folder = f"{manifest.BACKUPS}/{self.moment}"
        kept = stored | set(named_files(snapshot.alias))
        files = {name: key for name, key in self.files.items() if name in kept}
        contents = Contents(files, dumps.row_counts(snapshot.alias), missing)
        with snapshot.file.open("rb") as file:
            database = self.store(f"{folder}/database", file)
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(asdict(contents)).encode())
            file.seek(0)
            listed = self.store(f"{folder}/contents", file)
        made = Manifest(
            moment=self.moment,
            version=manifest.site_version(),
            vendor=connections["default"].vendor,
            server=snapshot.server,
            dumped_by=snapshot.dumped_by,
            sealed_by=self.seal.tool,
            key=manifest.secret_mark(),
            migrations=applied(snapshot.alias),
            database=database,
            contents=listed,
            media={key: self.media[key] for key in files.values()},
        )
        manifest.write(self.place, made)
        return made


def make(place: Place, seal: Seal, report: Report, *, keep: int) -> tuple[Manifest, list[str]]:
    """Make a backup, delete those beyond the newest ``keep``, and note when it was made.

    Return it with the names of pictures that rows name and that are nowhere. Reads every row that
    names files. Raises ``BackupError``, and ``OSError`` if a file cannot be read or written;
    earlier backups are as they were then.
    """
    seal.refuse_unusable()
    with _alone():
        backup = Backup(place, seal, report)
        backup.recall()
        report("Copying pictures ...")
        backup.copy_media()
        made, missing = _of_one_moment(backup)
        report(f"  {backup.copied} of {len(made.media)} pictures copied, the others were there")
        last.note(made.moment)
        prune(place, keep=keep)
    return made, missing


def _of_one_moment(backup: Backup) -> tuple[Manifest, list[str]]:
    """Add the database and the pictures of its moment; read it anew while pictures are missing."""
    before: set[str] | None = None
    for attempt in range(1, ATTEMPTS + 1):
        backup.report("Dumping the database ...")
        with (
            tempfile.TemporaryDirectory(prefix="backup-", dir=settings.DATA_DIR) as folder,
            dumps.snapshot(Path(folder)) as snapshot,
        ):
            stored = backup.copy_media()
            missing = set(named_files(snapshot.alias)) - backup.files.keys()
            # What is missing twice was not deleted meanwhile: it is lost, and is told.
            if not missing or missing == before or attempt == ATTEMPTS:
                return backup.finish(stored, snapshot, sorted(missing)), sorted(missing)
        before = missing
    raise AssertionError("The last attempt returns.")


def named_files(alias: str) -> Iterator[str]:
    """Yield the storage names in all rows of models that have ``file_names``. Reads these rows."""
    for model in apps.get_models():
        if hasattr(model, "file_names"):
            rows: QuerySet[Any, Any] = QuerySet(model, using=alias).order_by()
            for row in rows.iterator(chunk_size=500):
                yield from row.file_names


def applied(alias: str) -> list[list[str]]:
    """Return the migrations that a database has, sorted."""
    return sorted(list(name) for name in MigrationRecorder(connections[alias]).applied_migrations())


def prune(place: Place, *, keep: int) -> None:
    """Delete all but the newest ``keep`` backups, unfinished ones, and pictures of none of them.

    Raises ``BackupError`` if one of those that stay cannot be read, and ``OSError``.
    """
    made = manifest.moments(place)
    kept = [manifest.read(place, moment) for moment in made[-keep:]]
    wanted = {name for each in kept for name in each.pieces()}
    wanted |= {each.name("manifest.json") for each in kept}
    there = place.sizes(f"{manifest.BACKUPS}/") | place.sizes(f"{manifest.MEDIA}/")
    unwanted = there.keys() - wanted
    # A manifest goes first: without it the rest is no backup.
    for name in sorted(unwanted, key=lambda name: not name.endswith("/manifest.json")):
        place.delete(name)


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other backup of this machine run meanwhile. Raises ``BackupError`` if one does."""
    with (settings.DATA_DIR / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("A backup is being made: wait for it to end.") from None
        yield


def verify(place: Place, moment: str, report: Report) -> int:
    """Read a backup whole and compare all checksums; return the number of objects.

    Raises ``BackupError`` with the first that differ.
    """
    pieces = manifest.read(place, moment).pieces()
    bad = []
    for number, (name, piece) in enumerate(pieces.items(), start=1):
        try:
            with place.open(name) as file:
                if Piece(*measure(file)) != piece:
                    bad.append(name)
        except OSError:
            bad.append(name)
        if number % REPORT_EVERY_FILES == 0:
            report(f"  {number} of {len(pieces)} objects read")
    if bad:
        raise BackupError(f"{len(bad)} objects are missing or damaged, such as {bad[0]}.")
    return len(pieces)
