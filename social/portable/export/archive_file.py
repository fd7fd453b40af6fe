"""A ZIP file that is written in steps: after a kill it goes on behind the last whole entry.

Python's ``zipfile`` writes what the file holds at its very end, and without that nothing can be
read. So each finished entry is also written, as a line of JSON, into a journal beside the file; who
opens both again cuts off what is behind the last entry that is in the journal, and goes on. The
form of the file is PKWARE's APPNOTE 6.3, with 64-bit sizes wherever they are needed.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

_CHUNK = 1024 * 1024
_KEPT = (
    "filename",
    "date_time",
    "compress_type",
    "create_system",
    "create_version",
    "extract_version",
    "flag_bits",
    "external_attr",
    "header_offset",
    "CRC",
    "compress_size",
    "file_size",
)


@dataclass
class _Entry:
    """An entry of the journal: what it was, and where the next one begins."""

    info: zipfile.ZipInfo
    end: int


class ArchiveFile:
    """A ZIP file and its journal at ``path``; a context manager that closes both.

    One process at a time. Entries that are there already are in ``names``.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or what an earlier process has left of it. Raises ``OSError``."""
        self.path = path
        self._journal_path = journal_of(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        entries = _read_journal(self._journal_path, path.stat().st_size)
        self.was_resumed = bool(entries)
        self._file.truncate(entries[-1].end if entries else 0)
        self._file.seek(0, os.SEEK_END)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)
        for entry in entries:
            self._zip.filelist.append(entry.info)
            self._zip.NameToInfo[entry.info.filename] = entry.info
        self._zip.start_dir = self._file.tell()
        self._journal = self._journal_path.open("a")

    def __enter__(self) -> ArchiveFile:
        """Return the archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the files and leave what is in them: it can be gone on with."""
        # Without its list of contents, which ``finish`` writes.
        self._zip.fp = None
        self._file.close()
        self._journal.close()

    @property
    def names(self) -> set[str]:
        """The names of the entries that are whole."""
        return set(self._zip.NameToInfo)

    def add(self, name: str, content: IO[bytes], moment: datetime) -> None:
        """Copy ``content`` into the archive. Raises ``OSError``; the entry is not there then."""
        with self.opened(name, moment, compressed=False) as entry:
            while chunk := content.read(_CHUNK):
                entry.write(chunk)

    @contextmanager
    def opened(
        self, name: str, moment: datetime, *, compressed: bool = True
    ) -> Iterator[IO[bytes]]:
        """Yield a file to write an entry into; it is there once the ``with`` has ended."""
        start = self._file.tell()
        info = zipfile.ZipInfo(name, moment.astimezone(UTC).timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        try:
            # How large it gets is known at its end: room for a large one is left in any case.
            with self._zip.open(info, "w", force_zip64=True) as entry:
                yield entry
        except BaseException:
            self._take_back(info, start)
            raise
        self._file.flush()
        self._note(info, self._file.tell())

    def finish(self) -> int:
        """Write the list of contents and close the file; return its size in bytes."""
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def _take_back(self, info: zipfile.ZipInfo, start: int) -> None:
        if info in self._zip.filelist:
            self._zip.filelist.remove(info)
        self._zip.NameToInfo.pop(info.filename, None)
        self._file.seek(start)
        self._file.truncate()
        self._zip.start_dir = start

    def _note(self, info: zipfile.ZipInfo, end: int) -> None:
        values = {name: getattr(info, name) for name in _KEPT}
        self._journal.write(json.dumps({**values, "end": end}) + "\n")
        self._journal.flush()


def journal_of(path: Path) -> Path:
    """Return where the journal of the archive at ``path`` is."""
    return path.with_suffix(".journal")


def remove(path: Path) -> None:
    """Delete the file at ``path`` and its journal, where they are."""
    for one in (path, journal_of(path)):
        with suppress(FileNotFoundError):
            one.unlink()


def _read_journal(path: Path, size: int) -> list[_Entry]:
    """Return the entries that are whole in a file of ``size`` bytes, up to the first that is not.

    The journal is cut behind the last of them.
    """
    found: list[_Entry] = []
    kept = 0
    with path.open("a+b") as journal:
        journal.seek(0)
        for line in journal:
            entry = _parse(line)
            if entry is None or entry.end > size:
                break
            found.append(entry)
            kept += len(line)
        journal.truncate(kept)
    return found


def _parse(line: bytes) -> _Entry | None:
    try:
        values: dict[str, Any] = json.loads(line)
        info = zipfile.ZipInfo(values["filename"], tuple(values["date_time"]))
        for name in _KEPT[2:]:
            setattr(info, name, values[name])
        return _Entry(info, int(values["end"]))
    except (ValueError, KeyError):
        return None
