"""People as lists and cards show them, and as texts name them.

A text that is written names people who exist and of whom its author may know. Its link keeps their
id: it leads to them under whatever name they have, and to nobody else who takes the old one. Where
it leads is asked of the visibility rule by whoever follows it, so nothing is resolved when a text
is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accounts.avatars import avatar_of
from accounts.models import User
from minigram_site.fields.entities import MENTION, Entity, find, names_of, tags_of

# Different people whom one text can mention; further names are words.
MAX_MENTIONS = 20


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


class Words(NamedTuple):
    """What a text names: entities as they are stored, keys of tags, ids of people."""

    entities: list[list[str | int]]
    tags: list[str]
    people: list[int]


def read_words(text: str, author: User) -> Words:
    """Return what a text of ``author`` names. No query, or one if it may mention somebody."""
    found = find(text)
    people = _people(found, author)
    entities: list[Entity] = []
    mentioned: dict[int, None] = {}
    for entity in found:
        if entity.kind != MENTION:
            entities.append(entity)
            continue
        name = next((name for name in names_of(entity) if name in people), "")
        person = people.get(name)
        if person is None or (person not in mentioned and len(mentioned) == MAX_MENTIONS):
            continue
        mentioned[person] = None
        end = entity.start + 1 + len(name)
        entities.append(Entity(MENTION, entity.start, end, str(person)))
    return Words([list(one) for one in entities], tags_of(entities), list(mentioned))


def words_from_elsewhere(text: str) -> Words:
    """Return what a text names that was written on another site: nobody here. No query."""
    entities = [entity for entity in find(text) if entity.kind != MENTION]
    return Words([list(one) for one in entities], tags_of(entities), [])


def _people(found: Iterable[Entity], author: User) -> dict[str, int]:
    names = {name for one in found if one.kind == MENTION for name in names_of(one)}
    if not names:
        return {}
    people = User.objects.reachable_by(author).filter(username__in=names)
    return dict(people.values_list("username", "pk"))
