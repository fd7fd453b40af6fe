"""Places of backups: a folder, or a bucket of an S3-compatible service."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.utils.module_loading import import_string

from infra.backup.errors import BackupError

# Named as settings name a storage: this package imports nothing of the site.
BUCKET_AT = "minigram_site.storage.address.bucket_at"
UNFINISHED = ".new"


class Place(Protocol):
    """Where backups lie: named files that are complete or not there."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size of each file whose name begins with ``prefix``, by name."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading. Raises ``OSError`` if it is not there or cannot be read."""

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write a file, or replace it. Raises ``OSError`` if that fails; then nothing is there."""

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error. Raises ``OSError``."""


class FolderPlace:
    """A folder, which nobody but its owner can enter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size of each file below the folder ``prefix``, by name."""
        files = (path for path in (self._folder / prefix).rglob("*") if path.is_file())
        return {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in files}

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading. Raises ``OSError``."""
        return (self._folder / name).open("rb")

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write a file under another name, and give it its own once it is on the disk."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + UNFINISHED)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def delete(self, name: str) -> None:
        """Delete a file, and its folder if that is empty now."""
        path = self._folder / name
        path.unlink(missing_ok=True)
        if path.parent != self._folder and not any(path.parent.iterdir()):
            path.parent.rmdir()


class BucketPlace:
    """A bucket, which shows a file once it is complete."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size of each object whose key begins with ``prefix``. A request per 1,000."""
        found = self._storage.bucket.objects.filter(Prefix=prefix)
        return {each.key: each.size for each in found}

    def open(self, name: str) -> IO[bytes]:
        """Open an object for reading. Raises ``OSError``."""
        opened: IO[bytes] = self._storage.open(name)
        return opened

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write an object. Raises ``OSError``."""
        self._storage.save(name, File(content))

    def delete(self, name: str) -> None:
        """Delete an object. Raises ``OSError``."""
        self._storage.delete(name)


def open_place(address: str) -> Place:
    """Return the place at this address: the path of a folder, or ``s3://…``. No request.

    Raises ``BackupError`` if the address cannot be understood, or is where the pictures are.
    """
    if "://" in address:
        try:
            return BucketPlace(import_string(BUCKET_AT)(address))
        except ValueError as error:
            raise BackupError(f"{shown(address)}: {error}") from None
    folder = Path(address).resolve()
    media = Path(settings.MEDIA_ROOT).resolve()
    if media == folder or media in folder.parents:
        raise BackupError(f"{folder} lies in MEDIA_ROOT, and would be lost with it.")
    if folder.exists() and not folder.is_dir():
        raise BackupError(f"{folder} is a file: name a folder.")
    return FolderPlace(folder)


def shown(address: str) -> str:
    """Return an address as it may be printed: without the key of a bucket."""
    if "://" not in address:
        return str(Path(address).resolve())
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
