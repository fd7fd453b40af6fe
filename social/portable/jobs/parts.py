"""The parts of an archive in storage, which all instances share, and the file that they are.

An archive may have more bytes than a request, the memory or the disk of one machine can hold
twice. So it stays in parts, and is read through ``PartsFile``. Of a bucket each part that is read
is fetched once for each machine, into its data folder.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from minigram_site.storage import StorageFull
from photos import files
from social.portable.models import ImportPart

# The folder in storage, and that of copies in the data folder.
STORED = COPIES = "imports"
# Bytes of a part: one that is lost on its way costs little, and a form may hold it.
PART_BYTES = 8 * 1024 * 1024
# Bytes that stay free on the disk for the site itself.
RESERVE = 512 * 1024 * 1024
# Files that nobody knows are deleted at that age: a younger one may just have been written.
SETTLED = timedelta(days=1)


def save(content: IO[bytes]) -> str:
    """Write a part under a name that nobody can guess; return that. Raises ``OSError``."""
    secret = secrets.token_hex(32)
    stored = default_storage.save(f"{STORED}/{secret[:2]}/{secret}.part", File(content))
    return str(stored)


def require_room(size: int) -> None:
    """Raise ``StorageFull`` unless so many bytes more leave room for the site itself.

    Of a bucket nobody knows. No query.
    """
    free_bytes = getattr(default_storage, "free_bytes", None)
    if free_bytes is not None and free_bytes() < size + RESERVE:
        raise StorageFull("An archive does not fit.")


def delete(names: Iterable[str]) -> None:
    """Delete parts, and the copies of this machine; what cannot be deleted is logged."""
    gone = list(names)
    files.delete_now(gone)
    for name in gone:
        _copy_of(name).unlink(missing_ok=True)


def delete_unknown() -> None:
    """Delete parts and copies that no import knows. One query, and a look at each folder."""
    oldest = timezone.now() - SETTLED
    known = set(ImportPart.objects.values_list("file", flat=True))
    copies = Path(settings.DATA_DIR) / COPIES
    kept = {_copy_of(name).name for name in known}
    for path in copies.iterdir() if copies.exists() else ():
        with suppress(FileNotFoundError):
            if path.name not in kept and path.stat().st_mtime < oldest.timestamp():
                path.unlink()
    try:
        folders, _ = default_storage.listdir(STORED)
    except FileNotFoundError:
        return
    stored = [
        f"{STORED}/{folder}/{name}"
        for folder in folders
        for name in default_storage.listdir(f"{STORED}/{folder}")[1]
    ]
    unknown = [name for name in stored if name not in known]
    files.delete_now(name for name in unknown if default_storage.get_modified_time(name) < oldest)


class PartsFile(io.RawIOBase):
    """Parts of equal size, but the last, as one file to read and to go back in.

    Raises what the storage does, and ``StorageFull`` where this machine has no room for a copy.
    """

    def __init__(self, names: Sequence[str], part_size: int, size: int) -> None:
        """Take the storage names of the parts in their order, the bytes of one and of all."""
        super().__init__()
        self._names, self._part_size, self._size = names, part_size, size
        self._at = 0
        self._number, self._part = -1, io.BytesIO()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that one can go back."""
        return True

    def tell(self) -> int:
        """Return where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place. Raises ``OSError`` for one before the beginning."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("There is nothing before the beginning.")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read up to the end of a part; return how many bytes it was, 0 at the end."""
        within = self._at % self._part_size
        length = min(len(buffer), self._part_size - within, self._size - self._at)
        if length <= 0:
            return 0
        part = self._opened(self._at // self._part_size)
        part.seek(within)
        data = part.read(length)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the part that is open."""
        self._part.close()
        super().close()

    def _opened(self, number: int) -> IO[bytes]:
        if number != self._number:
            self._part.close()
            self._part = _open(self._names[number])  # type: ignore[assignment]
            self._number = number
        return self._part


def opened(names: Sequence[str], part_size: int, size: int) -> io.BufferedReader:
    """Return the parts as one buffered file: see ``PartsFile``."""
    return io.BufferedReader(PartsFile(names, part_size, size), 64 * 1024)


def _open(name: str) -> IO[bytes]:
    if not hasattr(default_storage, "signed_url"):
        return default_storage.open(name)
    copy = _copy_of(name)
    if not copy.exists():
        _fetch(name, copy)
    return copy.open("rb")


def _copy_of(name: str) -> Path:
    return Path(settings.DATA_DIR) / COPIES / name.rpartition("/")[2]


def _fetch(name: str, copy: Path) -> None:
    """Copy a part from the bucket; nobody sees a half of it."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(copy.parent).free < RESERVE:
        raise StorageFull("A copy of an archive does not fit.")
    with default_storage.open(name) as part, NamedTemporaryFile(dir=copy.parent) as half:
        shutil.copyfileobj(part, half)
        half.flush()
        with suppress(FileExistsError):
            os.link(half.name, copy)
