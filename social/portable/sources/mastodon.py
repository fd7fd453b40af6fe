"""Mastodon's archive: ActivityPub in ``outbox.json``.

Mastodon makes it in ``app/services/backup_service.rb``. An item is ``Create`` with an object; files
are named by the path of their address, which lies in the archive with or without what stands before
``media_attachments``. Who saw a post is in ``to`` and ``cc``: the collection ``as:Public`` in
either is everybody; without it the post was for some. Boosts and posts without pictures are left
aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from social.portable.importing.posts import Audience, FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive
from social.portable.importing.values import iso, plain, rows, text

PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}


class Mastodon:
    """Posts with pictures; those for some people become posts for the author alone."""

    name = "Mastodon"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether there is an outbox with its actor."""
        return _top(archive) is not None

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield the posts, the oldest first."""
        top = _top(archive) or ""
        said = archive.json(f"{top}outbox.json")
        items = said.get("orderedItems") if isinstance(said, dict) else None
        for item in rows(items):
            note = item.get("object")
            if item.get("type") == "Create" and isinstance(note, dict):
                yield from _post(archive, top, note)


def _top(archive: Archive) -> str | None:
    for name in archive.names:
        top = name.removesuffix("outbox.json")
        if top != name and (not top or top.endswith("/")) and f"{top}actor.json" in archive:
            return top
    return None


def _post(archive: Archive, top: str, note: dict[str, Any]) -> Iterator[Post | Skipped]:
    attachments = [one for one in rows(note.get("attachment")) if text(one.get("url"))]
    pictures = tuple(
        FoundPicture(_entry(archive, top, text(one["url"])), text(one.get("name")))
        for one in attachments
    )
    moment = iso(note.get("published"))
    if moment is None:
        yield from (Skipped(picture.name, "no_date") for picture in pictures)
    elif pictures:
        yield Post(moment, pictures, plain(note.get("content")), _audience(note))


def _entry(archive: Archive, top: str, url: str) -> str:
    """Return the name of a file: its path, or the end of it that is in the archive."""
    path = url.lstrip("/")
    at = path.find("media_attachments/")
    tried = [top + path, *([top + path[at:]] if at > 0 else [])]
    return next((name for name in tried if name in archive), path)


def _audience(note: dict[str, Any]) -> Audience:
    receivers: set[str] = set()
    for key in ("to", "cc"):
        value = note.get(key)
        several = value if isinstance(value, list) else [value]
        receivers.update(one for one in several if isinstance(one, str))
    return Audience.SHOWN if receivers & PUBLIC else Audience.AUTHOR
