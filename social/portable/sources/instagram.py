"""Instagram's export ("Download your information", JSON).

Meta documents the download and not its fields. These are as in the exports that people describe in
pixelfed/pixelfed#2751, #3747, #4494 and #5746. Three layouts are about: ``media.json`` beside
``photos/`` (until 2020), ``content/posts_1.json`` (since 2021), and
``your_instagram_activity/media/posts_1.json`` or ``…/content/…`` (since 2023). A post of one
picture has its caption and time there, one of several has them itself. Text is UTF-8 whose bytes
were written as characters of Latin-1 (pixelfed/pixelfed#4479).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from social.portable.importing.posts import Audience, FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive
from social.portable.importing.values import iso, rows, seconds, text

_POSTS = re.compile(r"(?:.*/)?(?:content|media)/(posts_\d+|archived_posts|other_content)\.json")
_OLD = re.compile(r"(?:.*/)?media\.json")


class Instagram:
    """Posts and archived posts; stories and videos are not taken."""

    name = "Instagram"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether there is a file of posts where Instagram puts one."""
        return any(_POSTS.fullmatch(name) or _is_old(archive, name) for name in archive.names)

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield the posts; Instagram lists the newest first."""
        for name in archive.names:
            if match := _POSTS.fullmatch(name):
                audience = Audience.AUTHOR if match[1] == "archived_posts" else Audience.SHOWN
                for post in reversed(list(_listed(archive.json(name)))):
                    yield from _post(_Files(archive, name), post, audience)
            elif _is_old(archive, name):
                said = archive.json(name)
                listed = rows(said.get("photos")) if isinstance(said, dict) else ()
                for photo in reversed(list(listed)):
                    yield from _old_photo(_Files(archive, name), photo)


class _Files:
    """Where the files are that a list names: they are named from the top of the export."""

    def __init__(self, archive: Archive, listed_in: str) -> None:
        self._archive = archive
        self._tops = [
            "",
            *(f"{one}/" for one in PurePosixPath(listed_in).parents if str(one) != "."),
        ]

    def name(self, uri: str) -> str:
        """Return the name of an entry; of one that is not there what the list says."""
        return next((top + uri for top in self._tops if top + uri in self._archive), uri)


def _is_old(archive: Archive, name: str) -> bool:
    top = name.removesuffix("media.json")
    return bool(_OLD.fullmatch(name)) and any(
        one.startswith(f"{top}photos/") for one in archive.names
    )


def _listed(said: Any) -> Iterator[dict[str, Any]]:
    """Yield the posts of a file: a list, or one under a name that begins with ``ig_``."""
    if isinstance(said, dict):
        for key, value in said.items():
            if key.startswith("ig_"):
                yield from rows(value)
    else:
        yield from rows(said)


def _post(files: _Files, post: dict[str, Any], audience: Audience) -> Iterator[Post | Skipped]:
    media = [one for one in rows(post.get("media")) if text(one.get("uri"))]
    if not media:
        return
    first = media[0]
    moment = seconds(post.get("creation_timestamp")) or seconds(first.get("creation_timestamp"))
    caption = readable(
        text(post.get("title")) or (text(first.get("title")) if len(media) == 1 else "")
    )
    pictures = tuple(FoundPicture(files.name(text(one["uri"]))) for one in media)
    yield from _dated(moment, pictures, caption, audience)


def _old_photo(files: _Files, photo: dict[str, Any]) -> Iterator[Post | Skipped]:
    if uri := text(photo.get("path")):
        pictures = (FoundPicture(files.name(uri)),)
        caption = readable(text(photo.get("caption")))
        yield from _dated(iso(photo.get("taken_at")), pictures, caption, Audience.SHOWN)


def _dated(
    moment: datetime | None, pictures: tuple[FoundPicture, ...], caption: str, audience: Audience
) -> Iterator[Post | Skipped]:
    if moment is None:
        yield from (Skipped(picture.name, "no_date") for picture in pictures)
    else:
        yield Post(moment, pictures, caption, audience)


def readable(written: str) -> str:
    """Return a text as it was typed: its characters are bytes of UTF-8, unless they are not."""
    try:
        return written.encode("latin-1").decode()
    except UnicodeError:
        return written
