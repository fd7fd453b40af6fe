"""Files and rows held against each other: what of one has none of the other.

Takes the names of all files into memory (about 150 bytes each) and reads every row. A file younger
than ``SETTLED`` may belong to an upload that is just being written, and is left alone; a row that
was deleted meanwhile misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from photos import files
from photos.models import Media, Photo

FOLDERS = ("originals", "renditions", "previews")
SETTLED = timedelta(hours=1)


@dataclass
class Stock:
    """What does not fit together."""

    # Storage names that no row knows
    files_without_rows: list[str] = field(default_factory=list)
    # (what the row is, the storage name that is missing)
    rows_without_files: list[tuple[str, str]] = field(default_factory=list)
    checked: int = 0


def take_stock() -> Stock:
    """Compare all files with all rows; changes nothing. Reads every row and lists every folder."""
    stock = Stock()
    known: set[str] = set()
    present = set(_files())
    for row, name in _names():
        known.add(name)
        stock.checked += 1
        if name in present or name.startswith(files.SHARED_PREFIX):
            continue
        # The folders were listed a while ago: the file may be newer, or the row deleted since.
        there = type(row)._default_manager.filter(pk=row.pk).exists()
        if there and not default_storage.exists(name):
            stock.rows_without_files.append((str(row), name))
    limit = timezone.now() - SETTLED
    for name in sorted(present - known):
        if default_storage.get_modified_time(name) < limit:
            stock.files_without_rows.append(name)
    return stock


def mend(stock: Stock) -> None:
    """Delete the files that no row knows. What a row misses cannot be made up: it is reported."""
    files.delete_now(stock.files_without_rows)


def _names() -> Iterator[tuple[Model, str]]:
    for photo in Photo.objects.order_by("pk").iterator(chunk_size=500):
        for name in photo.file_names:
            yield photo, name
    for media in Media.objects.order_by("pk").iterator(chunk_size=500):
        for name in media.file_names:
            yield media, name
    for user in User.objects.exclude(avatar=[]).order_by("pk").iterator(chunk_size=500):
        for _, name in user.avatar:
            yield user, name


def _files() -> Iterator[str]:
    waiting = [folder for folder in FOLDERS if _is_there(folder)]
    while waiting:
        folder = waiting.pop()
        folders, names = default_storage.listdir(folder)
        waiting += [f"{folder}/{name}" for name in folders]
        yield from (f"{folder}/{name}" for name in names)


def _is_there(folder: str) -> bool:
    """Tell whether a folder exists; a bucket has none of its own and lists nothing."""
    try:
        default_storage.listdir(folder)
    except FileNotFoundError:
        return False
    return True
