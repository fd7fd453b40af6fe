"""Files, links and rows held against each other: what of one has none of the other.

Takes the names of all files into memory (about 150 bytes each) and reads every row. A file younger
than ``SETTLED`` may belong to an upload that is just being written, and is left alone; a row that
was deleted meanwhile misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import decode
from minigram_site.storage import public_links
from photos import files
from photos.models import Media, Photo
from photos.pictures import served_names

FOLDERS = ("originals", "renditions", "previews")
SETTLED = timedelta(hours=1)


@dataclass
class Stock:
    """What does not fit together."""

    # Storage names that no row knows
    files_without_rows: list[str] = field(default_factory=list)
    # (what the row is, the storage name that is missing)
    rows_without_files: list[tuple[str, str]] = field(default_factory=list)
    # (kind, code) of addresses that show what not everybody may see
    wrong_links: list[tuple[str, str]] = field(default_factory=list)
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
    stock.wrong_links += wrong_links()
    return stock


def mend(stock: Stock) -> None:
    """Delete the files that no row knows, and the links that no row allows.

    What a row misses cannot be made up: it is reported. Raises ``StorageUnavailable`` if a link
    cannot be deleted.
    """
    for kind, code in stock.wrong_links:
        public_links.withdraw_address(kind, code)
    files.delete_now(stock.files_without_rows)


def wrong_links() -> Iterator[tuple[str, str]]:
    """Yield kind and code of each address that shows a file which not everybody may see.

    One query for each address. What is hidden meanwhile has lost its links and is not among them.
    """
    for kind, code in public_links.addresses():
        allowed = set(_public_names(kind, code))
        # Asked after the row: what was hidden before that has lost its links.
        if not allowed.issuperset(public_links.names_at(kind, code)):
            yield kind, code


def _public_names(kind: str, code: str) -> list[str]:
    """Return the storage names of the files that everybody may see at an address. One query."""
    try:
        identifier = decode(code)
    except ValueError:
        return []
    if kind == public_links.PHOTOS:
        photo = Photo.objects.visible_to(AnonymousUser()).filter(pk=identifier).first()
        return served_names(photo.pictures) if photo is not None else []
    person = User.objects.reachable_by(AnonymousUser()).filter(pk=identifier).first()
    return [name for _, name in person.avatar] if person is not None else []


def _names() -> Iterator[tuple[Model, str]]:
    for photo in Photo.objects.order_by("pk").iterator(chunk_size=500):
        for name in photo.file_names:
            yield photo, name
    for media in Media.objects.order_by("pk").iterator(chunk_size=500):
        for name in media.file_names:
            yield media, name
    for user in User.objects.exclude(avatar=[]).order_by("pk").iterator(chunk_size=500):
        for name in user.file_names:
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
