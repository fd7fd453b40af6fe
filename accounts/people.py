"""People as lists and cards show them: a name, a picture, an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accounts.avatars import avatar_of
from accounts.models import User


class Person(NamedTuple):
    """The author of a photo or comment, without the rest of the account."""

    id: int
    username: str
    display_name: str
    avatar_files: Sequence[tuple[int, str]]

    @property
    def name(self) -> str:
        """The name to show: the chosen one, or the username."""
        return self.display_name or self.username

    @property
    def url(self) -> str:
        """The path of the profile page."""
        return f"/@{self.username}/"

    @property
    def avatar(self) -> str | None:
        """The path of the largest avatar, or ``None``."""
        return avatar_of(self.id, self.avatar_files, -1)

    @property
    def avatar_small(self) -> str | None:
        """The path of an avatar of about 128 pixels, or ``None``."""
        return avatar_of(self.id, self.avatar_files, 1)


def person(user: User) -> Person:
    """Return what lists show of ``user``. No query."""
    return Person(user.pk, user.username, user.display_name, user.avatar)
