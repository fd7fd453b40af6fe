"""MiniGram's own archive (``social/portable/export/archive.schema.json``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from social.portable.importing.posts import Audience, FoundComment, FoundPicture, Post, Skipped
from social.portable.importing.reading import Archive, ArchiveRefused
from social.portable.importing.values import iso, rows, text


class MiniGram:
    """Photos with dates, captions and alt texts, and what their author wrote below them."""

    name = "MiniGram"

    def recognises(self, archive: Archive) -> bool:
        """Tell whether the archive describes itself as MiniGram's do."""
        return "archive.json" in archive and "photos.json" in archive

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield its photos. Raises ``ArchiveRefused`` for another format or a later version."""
        head = archive.json("archive.json")
        known = {"format": "minigram-archive", "version": 1}
        if not isinstance(head, dict) or {key: head.get(key) for key in known} != known:
            raise ArchiveRefused("unknown")
        comments = self._comments(archive)
        for photo in rows(archive.json("photos.json")):
            yield from self._photo(photo, comments.get(text(photo.get("id")), ()))

    def _photo(
        self, photo: dict[str, Any], comments: tuple[FoundComment, ...]
    ) -> Iterator[Post | Skipped]:
        moment = iso(photo.get("created_at"))
        pictures = []
        for picture in rows(photo.get("pictures")):
            if name := text(picture.get("file")):
                pictures.append(_picture(name, picture))
            else:
                yield Skipped(text(photo.get("url")) or "photos.json", "missing")
        if moment is None:
            yield from (Skipped(picture.name, "unreadable") for picture in pictures)
        elif pictures:
            yield Post(
                moment,
                tuple(pictures),
                caption=text(photo.get("caption")),
                audience=Audience.AUTHOR if photo.get("archived") else Audience.SHOWN,
                show_camera=photo.get("show_camera") is True,
                comments_off=photo.get("comments_off") is True,
                comments=comments,
            )

    def _comments(self, archive: Archive) -> dict[str, tuple[FoundComment, ...]]:
        """Return the comments on own photos by the id that the photo has in the archive."""
        found: dict[str, tuple[FoundComment, ...]] = {}
        for one in rows(archive.json("comments.json")) if "comments.json" in archive else ():
            photo, moment = one.get("photo"), iso(one.get("created_at"))
            if isinstance(photo, dict) and photo.get("own") is True and moment is not None:
                key = text(photo.get("id"))
                found[key] = (*found.get(key, ()), FoundComment(moment, text(one.get("text"))))
        return found


def _picture(name: str, picture: dict[str, Any]) -> FoundPicture:
    turn = picture.get("turn")
    return FoundPicture(
        name,
        text(picture.get("alt_text")),
        turn if isinstance(turn, int) and 0 <= turn < 4 else 0,
        _crop(picture.get("crop")),
    )


def _crop(value: Any) -> tuple[float, ...]:
    """Return a crop that lies in the picture; empty, which is all of it, for anything else."""
    if not isinstance(value, list) or len(value) != 4:
        return ()
    if not all(isinstance(one, int | float) and 0 <= one <= 1 for one in value):
        return ()
    left, top, width, height = map(float, value)
    return (left, top, width, height) if left < 1 > top and width > 0 < height else ()
