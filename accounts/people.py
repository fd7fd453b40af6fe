"""People as lists and cards show them: a name, a picture, an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from minigram_site.ids import encode

AVATAR_URL_PREFIX = "/media/avatars"


@dataclass(frozen=True, slots=True)
class Person:
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
        """The address of the largest avatar, or nothing."""
        return self.avatar_of(len(self.avatar_files) - 1)

    @property
    def avatar_small(self) -> str | None:
        """The address of an avatar of about 128 pixels, or nothing."""
        return self.avatar_of(min(1, len(self.avatar_files) - 1))

    def avatar_of(self, index: int) -> str | None:
        """Return the address of one size of the avatar, smallest first; nothing without one."""
        if not self.avatar_files:
            return None
        return avatar_url(self.id, self.avatar_files[index][1])


def person(user: User) -> Person:
    """Return what lists show of ``user``. No query."""
    return Person(user.pk, user.username, user.display_name, user.avatar)


def avatar_url(user_id: int, name: str) -> str:
    """Return the address of an avatar file; the view behind it asks who may see it."""
    return f"{AVATAR_URL_PREFIX}/{encode(user_id)}/{name.rpartition('/')[2]}"
