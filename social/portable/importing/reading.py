"""Archives that strangers have made: what is in them, and which are not read at all.

Nothing is ever written by a name that an archive gives: entries are read one at a time, up to the
size that they state. What no honest exporter makes is refused whole, with a sentence for each kind:
names that lead out of the archive, links, two entries of one name, and sizes out of proportion.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

import orjson
from django.utils.translation import gettext_lazy as _

MAX_ENTRIES = 500_000
# Bytes of all entries together, unpacked.
MAX_BYTES = 1024**4
# Unpacked to packed, of an archive that is larger than this unpacked: text is about ten.
MAX_RATIO, RATIO_FROM = 100, 256 * 1024**2
# Bytes of one file of data, unpacked; in memory it is many times as much.
MAX_JSON = 128 * 1024**2
# Of an archive that a member has sent, which the owner of the site has not looked at: bytes of one
# file of data, and of what is read in one piece, such as the list of all entries.
MAX_SENT_JSON, MAX_SENT_PIECE = 32 * 1024**2, 16 * 1024**2
# Ways of packing whose unpacked bytes can be asked for in pieces; of the others a few bytes may
# become gigabytes in memory.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE = 256 * 1024

REASONS = {
    "not_an_archive": _("This is neither a ZIP file nor a folder."),
    "not_a_zip": _("This isn’t a ZIP file."),
    "damaged": _("This archive is damaged. Download it again."),
    "method": _("This archive is packed in a way that can’t be read here. Pack it as a usual ZIP."),
    "encrypted": _("This archive is locked with a password. Unlock it first."),
    "unsafe_name": _("This archive holds a file whose name leads out of it: {name}"),
    "link": _("This archive holds a link instead of a file: {name}"),
    "same_name": _("This archive holds two files of one name: {name}"),
    "too_many": _("This archive holds too many files."),
    "too_large": _("This archive is far larger unpacked than it says."),
    "unreadable": _("This file of the archive can’t be read: {name}"),
    "unknown": _("This archive can’t be imported."),
}


class ArchiveRefused(ValueError):
    """An archive is not read: ``code`` is for programs, the message for people."""

    def __init__(self, code: str, name: str = "") -> None:
        """Take a key of ``REASONS`` and, where it is about one, the name of the entry."""
        self.code, self.name = code, _shown(name)
        super().__init__(str(REASONS[code]).format(name=self.name))


class _Part(Protocol):
    """One ZIP file or one folder."""

    sizes: dict[str, int]

    def open(self, name: str) -> IO[bytes]: ...

    def changed_at(self, name: str) -> datetime: ...


class Archive:
    """One archive, or several that belong together, as names and what is behind them."""

    def __init__(self, parts: Sequence[_Part], longest_json: int = MAX_JSON) -> None:
        """Take the parts, and how many bytes a file of data may have."""
        self._longest_json = longest_json
        self._parts: dict[str, _Part] = {}
        for part in parts:
            for name in part.sizes:
                # Parts of one export repeat what describes the whole of it.
                self._parts.setdefault(name, part)

    @property
    def names(self) -> list[str]:
        """All names, in NFC, in alphabetical order."""
        return sorted(self._parts)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an entry of this name in any Unicode form."""
        return normal(name) in self._parts

    def size(self, name: str) -> int:
        """Return the bytes of an entry. Raises ``KeyError`` if there is none."""
        return self._parts[normal(name)].sizes[normal(name)]

    def changed_at(self, name: str) -> datetime:
        """Return when the file of an entry was last changed, as the archive says."""
        return self._parts[normal(name)].changed_at(normal(name))

    def head(self, name: str, length: int = 2048) -> bytes:
        """Return the first bytes of an entry. Raises ``ArchiveRefused`` if it is damaged."""
        with self._opened(name) as entry:
            return entry.read(length)

    @contextmanager
    def spooled(self, name: str) -> Iterator[IO[bytes]]:
        """Yield an entry as a temporary file, which can be gone back in. Raises as ``head``."""
        with TemporaryFile() as copy:
            with self._opened(name) as entry:
                while part := entry.read(_PIECE):
                    copy.write(part)
            copy.seek(0)
            yield copy

    def text(self, name: str) -> bytes:
        """Return all of a file of data. Raises ``ArchiveRefused`` if it is damaged or too long."""
        if self.size(name) > self._longest_json:
            raise ArchiveRefused("unreadable", name)
        with self._opened(name) as entry:
            return b"".join(iter(lambda: entry.read(_PIECE), b""))

    def json(self, name: str) -> Any:
        """Return what a JSON file says. Raises ``ArchiveRefused`` if it is none."""
        try:
            return orjson.loads(self.text(name).removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            raise ArchiveRefused("unreadable", name) from None

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._parts[normal(name)].open(normal(name)) as entry:
                yield entry
        except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error):
            raise ArchiveRefused("unreadable", name) from None


@contextmanager
def open_archives(paths: Iterable[Path]) -> Iterator[Archive]:
    """Yield what is in these ZIP files and folders together.

    Raises ``ArchiveRefused`` with a sentence for what is not read, ``OSError`` as the system does.
    """
    with ExitStack() as stack:
        parts: list[_Part] = []
        for path in paths:
            if path.is_dir():
                parts.append(_Folder(path))
            elif zipfile.is_zipfile(path):
                parts.append(_Zip(stack, path, path.stat().st_size))
            else:
                path.stat()
                raise ArchiveRefused("not_an_archive")
        yield Archive(parts)


@contextmanager
def open_sent(content: IO[bytes], size: int) -> Iterator[Archive]:
    """Yield what is in a ZIP file of ``size`` bytes that a member has sent, within tighter limits.

    Raises ``ArchiveRefused`` with a sentence for what is not read, and what ``content`` raises.
    """
    bounded = _Bounded(content)
    with ExitStack() as stack:
        try:
            if not zipfile.is_zipfile(bounded):
                raise ArchiveRefused("not_a_zip")
            part = _Zip(stack, bounded, size)
        except ArchiveRefused:
            if bounded.fault is not None:
                raise bounded.fault from None
            raise
        yield Archive([part], MAX_SENT_JSON)


class _Bounded:
    """A file of which no more is read at once than ``MAX_SENT_PIECE``.

    ``zipfile`` takes the list of all entries into memory before anybody can look at it, in one
    piece whose size the archive itself states. It also takes a file that cannot be read for one
    that is no archive: ``fault`` says that it could not be.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.fault: OSError | None = None
        self.seek, self.tell, self.close = content.seek, content.tell, content.close

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > MAX_SENT_PIECE:
            raise ArchiveRefused("too_many")
        try:
            return self._content.read(size if size >= 0 else MAX_SENT_PIECE)
        except OSError as error:
            self.fault = error
            raise


def normal(name: str) -> str:
    """Return a name in the one form in which names are compared (NFC)."""
    return unicodedata.normalize("NFC", name)


class _Zip:
    """A ZIP file that is as it should be."""

    def __init__(self, stack: ExitStack, content: Path | _Bounded, size: int) -> None:
        try:
            self._zip = stack.enter_context(zipfile.ZipFile(content))
        except ArchiveRefused:
            raise
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise ArchiveRefused("damaged") from None
        entries = [info for info in self._zip.infolist() if not info.is_dir()]
        _refuse_sizes(entries, size)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for info in entries:
            if info.flag_bits & 0x1:
                raise ArchiveRefused("encrypted")
            if info.compress_type not in METHODS:
                raise ArchiveRefused("method", info.filename)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise ArchiveRefused("link", info.filename)
            # As stored: ``filename`` is cut at a zero byte and has slashes turned.
            name = _safe(info.orig_filename)
            if name in self._entries:
                raise ArchiveRefused("same_name", name)
            self._entries[name] = info
        self.sizes = {name: info.file_size for name, info in self._entries.items()}

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._entries[name])

    def changed_at(self, name: str) -> datetime:
        try:
            return datetime(*self._entries[name].date_time, tzinfo=UTC)
        except ValueError:
            return datetime(1980, 1, 1, tzinfo=UTC)


class _Folder:
    """A folder with all that is in it, and no link."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[str, Path] = {}
        for folder, folders, names in os.walk(path):
            for one in (*folders, *names):
                if (Path(folder) / one).is_symlink():
                    raise ArchiveRefused("link", one)
            for one in names:
                file = Path(folder) / one
                self._files[normal(file.relative_to(path).as_posix())] = file
                if len(self._files) > MAX_ENTRIES:
                    raise ArchiveRefused("too_many")
        self.sizes = {name: file.stat().st_size for name, file in self._files.items()}

    def open(self, name: str) -> IO[bytes]:
        return self._files[name].open("rb")

    def changed_at(self, name: str) -> datetime:
        return datetime.fromtimestamp(self._files[name].stat().st_mtime, tz=UTC)


def _refuse_sizes(entries: Sequence[zipfile.ZipInfo], on_disk: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ArchiveRefused("too_many")
    unpacked = sum(info.file_size for info in entries)
    packed = sum(info.compress_size for info in entries)
    # More than the file itself is packed where entries lie one over the other.
    out_of_proportion = unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_BYTES or packed > on_disk or out_of_proportion:
        raise ArchiveRefused("too_large")


def _safe(name: str) -> str:
    """Return a name in normal form. Raises ``ArchiveRefused`` if it leads anywhere else."""
    parts = name.replace("\\", "/").split("/")
    unsafe = name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
    if unsafe or any(ord(character) < 32 for character in name):
        raise ArchiveRefused("unsafe_name", name)
    return normal("/".join(parts))


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:100])
