"""What importers find in archives: posts with their pictures, and what cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from minigram_site.fields.snowflake import IMPORTED_FROM
from photos.pictures import MAX_PICTURES
from social.portable.importing.reading import Archive


class Audience(Enum):
    """Who saw a post where it comes from."""

    # Whoever sees the account's photos.
    SHOWN = "shown"
    # Only some of them, or only the author: here that is the author alone.
    AUTHOR = "author"
    # The archive does not say.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FoundPicture:
    """A picture of a post: the name of its entry, and how it was shown."""

    name: str
    alt_text: str = ""
    turn: int = 0
    crop: tuple[float, ...] = ()


@dataclass(frozen=True)
class FoundComment:
    """A comment of the author on their own post."""

    moment: datetime
    text: str


@dataclass(frozen=True)
class Post:
    """A photo to be: ``moment`` is when it was published, ``None`` if only its picture knows.

    ``by_content``: the same picture is the same photo, whatever its date; else two posts of one
    picture at different times are two.
    """

    moment: datetime | None
    pictures: tuple[FoundPicture, ...]
    caption: str = ""
    audience: Audience = Audience.UNKNOWN
    show_camera: bool = False
    comments_off: bool = False
    comments: tuple[FoundComment, ...] = ()
    by_content: bool = False


@dataclass(frozen=True)
class Skipped:
    """What an importer cannot take: its name in the archive, and a key of ``service.REASONS``."""

    name: str
    code: str


@dataclass
class Found:
    """All that is in an archive, the oldest first."""

    posts: list[Post] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """How many pictures there are, those that cannot be taken included."""
        return len(self.skipped) + sum(len(post.pictures) for post in self.posts)


class Source(Protocol):
    """An importer: which archives are its own, and what is in them."""

    # What people call it.
    name: str

    def recognises(self, archive: Archive) -> bool:
        """Tell whether the archive is of this kind, by the names in it alone."""
        ...

    def read(self, archive: Archive) -> Iterator[Post | Skipped]:
        """Yield what is in it, of posts of one time the earliest first.

        Raises ``ArchiveRefused``.
        """
        ...


def gathered(items: Iterable[Post | Skipped]) -> Found:
    """Return posts in the order of time, each with up to ten pictures.

    Of one second the order of ``items`` is kept: a millisecond is added for each that comes after.
    """
    found = Found()
    for one in items:
        if isinstance(one, Skipped):
            found.skipped.append(one)
        else:
            found.posts += _parts(one)
    dated = [post for post in found.posts if post.moment is not None]
    undated = [post for post in found.posts if post.moment is None]
    dated.sort(key=lambda post: post.moment or IMPORTED_FROM)
    found.posts = [*_spread(dated), *undated]
    return found


def _parts(post: Post) -> Iterator[Post]:
    """Yield a post, as several where it has more pictures than a photo can have."""
    for start in range(0, len(post.pictures), MAX_PICTURES):
        some = post.pictures[start : start + MAX_PICTURES]
        yield replace(post, pictures=some, comments=() if start else post.comments)


def _spread(posts: Iterable[Post]) -> Iterator[Post]:
    last: datetime | None = None
    for post in posts:
        moment = post.moment
        if moment is not None and last is not None and moment <= last:
            moment = last + timedelta(milliseconds=1)
        last = moment
        yield replace(post, moment=moment)
