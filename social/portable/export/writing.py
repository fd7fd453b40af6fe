"""What is written into an archive, in which order: originals first, what is said of them last.

The lists are read when all originals are there, so that each file they name is in the archive: what
was published meanwhile is added before they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import orjson
from django.core.files.storage import default_storage

from accounts.models import User
from photos.models import Photo
from social.portable.export import contents, page
from social.portable.export.archive_file import ArchiveFile

SCHEMA = "archive.schema.json"
_INDENTED = orjson.OPT_INDENT_2


def add_originals(archive: ArchiveFile, photo: Photo, there: set[str]) -> int:
    """Copy the originals of a photo; return how many pictures it has.

    Those in ``there`` are left out, and files that are missing in storage: the lists say so. Raises
    ``OSError``.
    """
    for number, picture in enumerate(photo.pictures, start=1):
        name = contents.file_name(photo, number, picture)
        if picture.original and name not in there:
            _copy(archive, picture.original, name, photo.created_at)
    return len(photo.pictures)


def add_the_rest(archive: ArchiveFile, owner: User, now: datetime) -> None:
    """Add portrait, lists, schema and page. Costs what the lists of ``contents`` do.

    Raises ``OSError``.
    """
    there = archive.names
    for photo in contents.own_photos(owner).order_by("pk").iterator(chunk_size=contents.CHUNK):
        add_originals(archive, photo, there)
    if (name := contents.avatar_name(owner)) and name not in there:
        _copy(archive, owner.avatar[-1][1], name, now)
    have = archive.names
    documents = {
        "profile.json": contents.profile(owner),
        "settings.json": contents.preferences(owner),
        "archive.json": contents.head(owner, now),
    }
    for file, rows in contents.LISTS.items():
        if file not in have:
            found = rows(owner)
            _add_rows(
                archive, file, _as_there(found, have) if rows is contents.photos else found, now
            )
    texts = {
        **{name: orjson.dumps(said, option=_INDENTED) for name, said in documents.items()},
        SCHEMA: (Path(__file__).with_name(SCHEMA)).read_bytes(),
        page.STYLES: page.styles().encode(),
    }
    for name, text in texts.items():
        if name not in have:
            with archive.opened(name, now) as entry:
                entry.write(text)
    if page.PAGE not in have:
        with archive.opened(page.PAGE, now) as entry:
            for part in page.parts(owner, now):
                entry.write(part.encode())


def _copy(archive: ArchiveFile, stored: str, name: str, moment: datetime) -> None:
    try:
        with default_storage.open(stored) as content:
            archive.add(name, content, moment)
    except FileNotFoundError:
        return


def _as_there(photos: Iterable[contents.Row], have: set[str]) -> Iterator[contents.Row]:
    """Yield photos without the names of files that the storage did not have."""
    for photo in photos:
        for picture in photo["pictures"]:
            if picture["file"] not in have:
                picture["file"] = None
        yield photo


def _add_rows(archive: ArchiveFile, name: str, rows: Iterable[contents.Row], now: datetime) -> None:
    """Write an array, one row after the other."""
    with archive.opened(name, now) as entry:
        before = b"[\n"
        for row in rows:
            entry.write(before + orjson.dumps(row))
            before = b",\n"
        entry.write(b"]\n" if before == b",\n" else b"[]\n")
