"""Google Photos' Takeout: pictures in folders of years and albums, a JSON file beside most of them.

Google documents the download and not its fields; these are as in the exports that
TheLastGimbus/GooglePhotosTakeoutHelper (#449) and simulot/immich-go (#674, #677) read: ``title`` is
the name that the picture had, ``description`` its words, ``photoTakenTime.timestamp`` seconds since
1970. The file is called ``<picture>.supplemental-metadata.json`` (since 2024) or
``<picture>.json``, cut to 46 characters before ``.json``; the number of a second picture of one
name, ``IMG(1).jpg``, stands at the end there: ``IMG.jpg.supplemental-metadata(1).json``. Pictures
that were edited in Google Photos have no file and share that of the one they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from social.portable.importing.posts import FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive
from social.portable.importing.values import plain, seconds, text

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif")
OTHERS = (".mp4", ".mov", ".m4v", ".3gp", ".avi", ".mkv", ".webm")
# Of the name of a side file, before its ".json".
LONGEST = 46
FULL = ".supplemental-metadata"
_NUMBERED = re.compile(r"(.*)(\(\d+\))")
_EDITED = re.compile(r"(.+)-(?:edited|bearbeitet|modifié|editado|modificato|bewerkt|edytowane)")


class GooglePhotos:
    """Pictures of years and albums, once each; all of them are for the author alone."""

    name = "Google Photos"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether there is a Takeout folder, or a side file as Google names it."""
        return any(
            name.startswith("Takeout/") or FULL[:8] in name
            for name in archive.names
            if name.endswith(".json")
        )

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield the pictures with what their side files say, in the order of their names."""
        for name in archive.names:
            if name.lower().endswith(OTHERS):
                yield Skipped(name, "video")
            elif name.lower().endswith(PICTURES):
                yield _picture(archive, name)


def side_files(name: str) -> Iterator[str]:
    """Yield all names that the side file of a picture may have, the likeliest first."""
    folder, _, file = name.rpartition("/")
    before = f"{folder}/" if folder else ""
    stem, suffix = PurePosixPath(file).stem, PurePosixPath(file).suffix
    if match := _EDITED.fullmatch(stem):
        stem = match[1]
    bare, number = stem, ""
    if match := _NUMBERED.fullmatch(stem):
        bare, number = match[1], match[2]
    for whole, counted in ((f"{bare}{suffix}", number), (f"{stem}{suffix}", ""), (stem, "")):
        for kept in range(len(FULL), -1, -1):
            # Cut where it is too long, now and then shorter; the number comes behind the cut.
            yield f"{before}{(whole + FULL[:kept])[:LONGEST]}{counted}.json"


def _picture(archive: Archive, name: str) -> Post:
    found = next((one for one in side_files(name) if one in archive), None)
    said = archive.json(found) if found else {}
    taken = said.get("photoTakenTime") if isinstance(said, dict) else None
    moment = seconds(taken.get("timestamp")) if isinstance(taken, dict) else None
    words = plain(said.get("description")) if isinstance(said, dict) else ""
    # Without a side file its own date is left, never today's.
    return Post(moment, (FoundPicture(name),), text(words), by_content=True)
