"""Copies the files of one site into the storage of another, and compares every byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage

from infra.ops.database_copy import CannotCopy

Report = Callable[[str], None]
TELL_EVERY = 500


def source_files(folder: Path) -> list[str]:
    """Return the names of all files below ``folder``, as storages name them."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refuse_strangers(folder: Path, storage: Storage) -> None:
    """Raise ``CannotCopy`` if the target holds files that the source does not have."""
    strangers = set(stored_files(storage)) - set(source_files(folder))
    if strangers:
        raise CannotCopy(
            f"The target's media are not empty: {len(strangers)} files there are not in the "
            f"source, such as {min(strangers)}."
        )


def copy_files(folder: Path, storage: Storage, report: Report) -> int:
    """Copy what is missing; return how many files that were. One that differs is refused.

    Files of an earlier, broken attempt are compared and kept, so that it goes on from there.
    """
    copied = 0
    names = source_files(folder)
    for number, name in enumerate(names, start=1):
        if not storage.exists(name):
            with (folder / name).open("rb") as file:
                storage.save(name, File(file))
            copied += 1
        elif not _same(folder, storage, name):
            raise CannotCopy(f"The target has another file named {name}.")
        if number % TELL_EVERY == 0:
            report(f"  {number} of {len(names)} files")
    return copied


def different_files(folder: Path, storage: Storage) -> list[str]:
    """Return one sentence for each file that is missing, different or too many here."""
    there, here = source_files(folder), set(stored_files(storage))
    found = [f"The file {name} is not here." for name in there if name not in here]
    found += [f"The file {name} is only here." for name in sorted(here - set(there))]
    return found + [
        f"The file {name} has another content here."
        for name in there
        if name in here and not _same(folder, storage, name)
    ]


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files in a storage."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        yield from stored_files(storage, f"{folder}/{name}" if folder else name)


def _same(folder: Path, storage: Storage, name: str) -> bool:
    with (folder / name).open("rb") as there, storage.open(name) as here:
        return _digest(there) == _digest(here)


def _digest(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    return digest.digest()
