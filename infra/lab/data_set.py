"""How large a data set is; ``manage.py populate`` makes an equal one each time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataSet:
    """Numbers of people, of follows of each, of photos, of likes, and of dormant follows of each.

    A dormant follow is one of a person who has not published for years.
    """

    users: int = 1000
    follows: int = 50
    photos: int = 20_000
    likes: int = 100_000
    dormant: int = 0

    def sizes(self) -> dict[str, int]:
        """Return the numbers by name; dormant follows only where there are some."""
        return {name: size for name, size in vars(self).items() if size or name != "dormant"}

    def arguments(self) -> list[str]:
        """Return the arguments for ``manage.py populate``."""
        return [f"--{name}={size}" for name, size in self.sizes().items()]
