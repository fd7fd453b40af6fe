"""Events: likes, comments and mentions, and the app above that is told of them as they happen.

``photos`` knows nobody above it. What else is to happen with a like (somebody is notified) is said
by a ``Listener`` that another app names when Django starts. All of it is part of the transaction
of its cause: neither is there without the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from photos.models import Photo

# What is put into the one statement of PostgreSQL where nobody listens.
_NOBODY = ", told(recipient_id) AS (SELECT NULL::bigint)"


class Listener:
    """What follows from what people do with photos: nothing, unless a subclass says what.

    Each method is called in the transaction of its cause, after the rows were written, and may
    send statements of its own. Whoever did it holds the locks that the verbs take: the person,
    the photo's counters, the comments. Lists that are returned name what the verb invalidates
    beside its own (``minigram_site.cache``).
    """

    def like_part(self, *, seen: bool) -> str:
        """Return what is put into the one statement of a like on PostgreSQL.

        A comma and the common table expression ``told(recipient_id)`` of one row at most, which
        reads ``actor(id)`` and ``changed(photo_id)`` (``photos.statements``); ``$3`` is the like.
        ``seen`` tells that the statement has asked whether the actor may see the photo.
        """
        return _NOBODY

    def unlike_part(self) -> str:
        """Return what is put into that of the end of a like, as ``like_part``; ``$3``: a new id."""
        return _NOBODY

    def comment_part(self) -> str:
        """Return what is put into the one statement of a comment on PostgreSQL.

        A comma and the common table expression ``told(recipient_id)``, which reads ``actor(id)``
        and ``written(photo_id)``; ``$1`` is the comment, ``$5`` the one that it answers, or null.
        """
        return _NOBODY

    def names_of(self, told: Iterable[int | None]) -> list[str]:
        """Return what is to be invalidated, as these people were told something."""
        return []

    def liked(self, user_id: int, photo_id: int) -> list[str]:
        """Hear of a new like where ``like_part`` is not sent: on SQLite."""
        return []

    def unliked(self, user_id: int, photo_id: int) -> None:
        """Hear of the end of a like where ``unlike_part`` is not sent: on SQLite."""

    def comment_liked(self, user_id: int, comment_id: int) -> list[str]:
        """Hear of a new like of a comment."""
        return []

    def comment_unliked(self, user_id: int, comment_id: int) -> None:
        """Hear of the end of a like of a comment."""

    def commented(
        self, author_id: int, photo_id: int, comment_id: int, parent_id: int | None
    ) -> list[str]:
        """Hear of a new comment, or of a reply to ``parent_id``, on SQLite."""
        return []

    def mentioned(self, author_id: int, photo_id: int, comment_id: int | None, first: int) -> None:
        """Hear of people who are newly mentioned in a comment, or without one in a caption.

        The rows of ``Mention`` that tell of them are written, with ids from ``first`` on. What is
        to be invalidated, the listener does.
        """


_listeners = [Listener()]
# Who is told of photos that the staff look at.
_watchers: list[Callable[[Photo, User], object]] = []


def listen(one: Listener) -> None:
    """Have ``one`` told of everything from now on, instead of who was before."""
    _listeners[:] = [one]


def listener() -> Listener:
    """Return who is told."""
    return _listeners[0]


def watch(one: Callable[[Photo, User], object]) -> None:
    """Have ``one`` told of every look from now on, instead of who was before."""
    _watchers[:] = [one]


def looked(photo: Photo, by: User) -> None:
    """Tell that one of the staff looks at a photo that not everybody may see.

    ``photo`` comes with its author. The queries are those of who is told.
    """
    for one in _watchers:
        one(photo, by)
