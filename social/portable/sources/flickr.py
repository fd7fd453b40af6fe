"""Flickr's export ("Request my Flickr data"): ``photo_<id>.json`` beside files that end in the id.

Flickr documents the download and not its fields; these are as in the exports that
brownphotographic/Flickr2Any-Tool and simulot/immich-go read: ``id``, ``name``, ``description``,
``date_taken`` and ``date_imported`` (``YYYY-MM-DD HH:MM:SS``), ``privacy``. A file is called
``<title>_<id>_o.jpg``, or ``<id>_<secret>_o.jpg`` where there is no title. Only ``public`` was seen
by all: what is for friends or family is for the author alone here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from social.portable.importing.posts import Audience, FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive
from social.portable.importing.values import iso, plain, rows, text

_PHOTO = re.compile(r"(?:.*/)?photo_(\d+)\.json")
_NUMBER = re.compile(r"(?<!\d)\d{6,}(?!\d)")


class Flickr:
    """Photos with title, description and the date on which they were taken."""

    name = "Flickr"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether there is a file for a photo as Flickr names it."""
        return any(_PHOTO.fullmatch(name) for name in archive.names)

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield the photos, in the order of their files."""
        files = _files_by_number(archive)
        for name in archive.names:
            if match := _PHOTO.fullmatch(name):
                said = archive.json(name)
                file = files.get(match[1])
                if not isinstance(said, dict) or file is None:
                    yield Skipped(name, "missing" if isinstance(said, dict) else "unreadable")
                else:
                    yield _photo(said, file)


def _files_by_number(archive: Archive) -> dict[str, str]:
    """Return the files of pictures by each number that their name holds."""
    found: dict[str, str] = {}
    for name in archive.names:
        if not name.endswith(".json"):
            for number in _NUMBER.findall(name.rpartition("/")[2]):
                found.setdefault(number, name)
    return found


def _photo(said: dict[str, Any], file: str) -> Post:
    title, words = plain(said.get("name")), plain(said.get("description"))
    tags = " ".join(
        f"#{tag}"
        for one in rows(said.get("tags"))
        if (tag := text(one.get("tag")).strip()).isalnum()
    )
    return Post(
        iso(said.get("date_taken")) or iso(said.get("date_imported")),
        (FoundPicture(file),),
        "\n\n".join(part for part in (title, words, tags) if part),
        Audience.SHOWN if said.get("privacy") == "public" else Audience.AUTHOR,
        by_content=True,
    )
