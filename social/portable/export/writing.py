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

PHOTOS = "photos.json"
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
    _add_lists(archive, owner, now)
    documents = {
        "profile.json": contents.profile(owner),
        "settings.json": contents.preferences(owner),
        "archive.json": contents.head(owner, now),
    }
    texts = {
        **{name: orjson.dumps(said, option=_INDENTED) for name, said in documents.items()},
        page.SCHEMA: Path(__file__).with_name(page.SCHEMA).read_bytes(),
        page.STYLES: page.styles().encode(),
    }
    for name, text in texts.items():
        _add(archive, name, [text], now)
    photos = _as_there(contents.photos(owner), archive.names)
    _add(archive, page.PAGE, map(str.encode, page.parts(owner, now, photos)), now)


def _add_lists(archive: ArchiveFile, owner: User, now: datetime) -> None:
    have = archive.names
    for name, rows in contents.LISTS.items():
        found = rows(owner)
        if name == PHOTOS:
            found = _as_there(found, have)
        _add(archive, name, _array(found), now)


def _add(archive: ArchiveFile, name: str, parts: Iterable[bytes], now: datetime) -> None:
    """Write an entry of these parts, unless it is there already."""
    if name not in archive.names:
        with archive.opened(name, now) as entry:
            for part in parts:
                entry.write(part)


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


def _array(rows: Iterable[contents.Row]) -> Iterator[bytes]:
    """Yield a list in JSON, a row on each line."""
    before = b"[\n"
    for row in rows:
        yield before + orjson.dumps(row)
        before = b",\n"
    yield b"]\n" if before == b",\n" else b"[]\n"
