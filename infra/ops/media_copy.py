"""Copies a folder of media into the storage of another site, and compares every byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage

from infra.ops.database_copy import CannotCopy

Report = Callable[[str], None]
REPORT_EVERY_FILES = 500
# The folder of links to public pictures, in the one of media.
LINKS = "public"


def source_files(folder: Path) -> list[str]:
    """Return the names of all files below ``folder``, relative to it and sorted.

    The links to public pictures are left out: each site makes its own.
    """
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if path.parts[0] != LINKS)


def refuse_unknown_files(folder: Path, storage: Storage) -> None:
    """Raise ``CannotCopy`` if the storage holds files that ``folder`` does not have."""
    unknown = set(stored_files(storage)) - set(source_files(folder))
    if unknown:
        raise CannotCopy(
            f"The target's media are not empty: {len(unknown)} files there are not in the "
            f"source, such as {min(unknown)}."
        )


def copy_files(folder: Path, storage: Storage, report: Report) -> int:
    """Copy the files of ``folder`` that the storage lacks; return how many were copied.

    Files of an earlier, interrupted copy are compared and kept, so that the copy is resumed.
    Raises ``CannotCopy`` if the storage has another file of an equal name, and ``OSError`` if a
    file cannot be read or stored.
    """
    copied = 0
    names = source_files(folder)
    for number, name in enumerate(names, start=1):
        if not storage.exists(name):
            with (folder / name).open("rb") as file:
                storage.save(name, File(file))
            copied += 1
        elif not _is_equal(folder, storage, name):
            raise CannotCopy(f"The target has another file named {name}.")
        if number % REPORT_EVERY_FILES == 0:
            report(f"  {number} of {len(names)} files")
    return copied


def different_files(folder: Path, storage: Storage) -> list[str]:
    """Return one sentence for each file that the storage lacks, has differently or in addition.

    Reads every file of both sides.
    """
    source, here = source_files(folder), set(stored_files(storage))
    found = [f"The file {name} is not here." for name in source if name not in here]
    found += [f"The file {name} is only here." for name in sorted(here - set(source))]
    return found + [
        f"The file {name} has another content here."
        for name in source
        if name in here and not _is_equal(folder, storage, name)
    ]


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files of a storage below ``folder``; none if it does not exist."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        if (folder or name) == LINKS:
            continue
        yield from stored_files(storage, f"{folder}/{name}" if folder else name)


def _is_equal(folder: Path, storage: Storage, name: str) -> bool:
    with (folder / name).open("rb") as source, storage.open(name) as here:
        return _digest(source) == _digest(here)


def _digest(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    return digest.digest()
