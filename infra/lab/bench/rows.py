"""The rows of the table: what is requested, over how many connections, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OK, NOT_MODIFIED, PARTIAL, WRITTEN = (200,), (304,), (206,), (200, 201, 202, 204)
# A site that people read with browsers: fewer at once than apps, and each keeps a connection.
BROWSERS = 8
# Stages whose pictures nginx sends, and those where gunicorn does.
BY_NGINX, BY_GUNICORN = (3, 4, 5), (1, 2)


@dataclass(frozen=True)
class Row:
    """One kind of request.

    ``goals`` are the CPU milliseconds of all servers that it may cost at most, by stage, and
    ``most_statements`` those of PostgreSQL. With ``one_by_one`` so many requests are sent, one
    after the other, instead of as many as go in a time.
    """

    name: str
    connections: int = 16
    statuses: Sequence[int] = OK
    one_by_one: int = 0
    goals: Mapping[int, float] = field(default_factory=dict)
    most_statements: float | None = None


def _picture(name: str, statuses: Sequence[int] = OK) -> Row:
    goals = {**dict.fromkeys(BY_NGINX, 0.06), **dict.fromkeys(BY_GUNICORN, 0.35)}
    return Row(name, statuses=statuses, goals=goals)


def _private(name: str, statuses: Sequence[int] = OK) -> Row:
    return Row(name, statuses=statuses, goals=dict.fromkeys(range(1, 6), 0.5))


FLOOR = Row("floor: bare WSGI application")
PICTURE = _picture("picture of a public account")
PICTURE_AGAIN = _picture("public picture, not modified", NOT_MODIFIED)
PICTURE_RANGE = _picture("public picture, a range of it", PARTIAL)
PRIVATE = _private("picture of a private account")
PRIVATE_AGAIN = _private("private picture, not modified", NOT_MODIFIED)
PRIVATE_RANGE = _private("private picture, a range of it", PARTIAL)
FEED = Row("home feed, 20 photos", goals={2: 0.69, 5: 0.35})
FEED_SECOND = Row("home feed, second page")
FEED_DEEP = Row("home feed, page 11")
FEED_MISS = Row("home feed, a page that no cache has")
FEED_DJANGO = Row("home feed, by Django")
PHOTO = Row("one photo")
FEED_AND_PHOTO = Row("home feed and one photo, in turn")
PROFILE = Row("profile")
PROFILE_PHOTOS = Row("photos of a profile")
EXPLORE = Row("explore", goals={2: 1.0, 5: 1.0})
EXPLORE_POPULAR = Row("explore, popular")
FEED_PAGE = Row("home feed as a page", BROWSERS, goals={2: 4.5, 5: 4.5})
EXPLORE_PAGE = Row("explore as a page", BROWSERS, goals={2: 2.5, 5: 2.5})
EXPLORE_PAGE_ANONYMOUS = Row("explore as a page, logged out", BROWSERS, goals={2: 2.5, 5: 2.5})
PROFILE_PAGE = Row("profile as a page", BROWSERS, goals={2: 2.5, 5: 2.5})
LIKE = Row("like and unlike", statuses=WRITTEN, goals={2: 0.95, 5: 1.8})
FOLLOW = Row("follow and unfollow", statuses=WRITTEN, goals={2: 2.5}, most_statements=10)
COMMENT = Row("comment", statuses=WRITTEN, goals={2: 2.0}, most_statements=5)
PUBLISH = Row("publish a photo", statuses=WRITTEN, one_by_one=10, most_statements=25)

# Writes come last, since they change what reads find; what changes most is the last of them.
ROWS = (
    FLOOR,
    PICTURE,
    PICTURE_AGAIN,
    PICTURE_RANGE,
    PRIVATE,
    PRIVATE_AGAIN,
    PRIVATE_RANGE,
    FEED,
    FEED_SECOND,
    FEED_DEEP,
    FEED_MISS,
    FEED_DJANGO,
    PHOTO,
    FEED_AND_PHOTO,
    PROFILE,
    PROFILE_PHOTOS,
    EXPLORE,
    EXPLORE_POPULAR,
    FEED_PAGE,
    EXPLORE_PAGE,
    EXPLORE_PAGE_ANONYMOUS,
    PROFILE_PAGE,
    LIKE,
    FOLLOW,
    COMMENT,
    PUBLISH,
)


def selected(words: Sequence[str]) -> tuple[Row, ...]:
    """Return the floor and the rows whose name holds one of these words; without words all."""
    return tuple(
        row for row in ROWS if row is FLOOR or not words or any(word in row.name for word in words)
    )
