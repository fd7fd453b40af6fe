"""Rows with words, for measuring search: people with names, photos with captions and tags.

The words are made of syllables and as frequent as words are (Zipf's law): the first in every
second caption, most in a few. Equal numbers give equal rows, which are meant for search alone.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any, TypeVar

from django.db import models, transaction

from accounts.models import Follow, User, UserStats
from photos.models import Photo, PhotoStats, PhotoTag, Tag

Row = TypeVar("Row", bound=models.Model)
SEED = 20260101
BATCH = 2000
WORDS, TAGS = 20_000, 10_000
FOLLOWS, CAPTION_WORDS = 100, 8
_SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvwz" for vowel in "aeiou"]
Report = Callable[[str], None]


class Vocabulary:
    """Words, drawn as often as words are used."""

    def __init__(self, number: int, seed: int) -> None:
        """Make ``number`` different words."""
        self._random = random.Random(seed)
        self.words = list(islice(self._different(), number))
        self._sums = list(accumulate(1 / (rank + 1) for rank in range(number)))

    def draw(self, number: int) -> list[str]:
        """Return ``number`` words, some of them perhaps twice."""
        points = (self._random.random() * self._sums[-1] for _ in range(number))
        return [self.words[bisect(self._sums, point)] for point in points]

    def _different(self) -> Iterator[str]:
        seen: set[str] = set()
        while True:
            word = "".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4)))
            if word not in seen:
                seen.add(word)
                yield word


def write(people: int, photos: int, report: Report) -> tuple[Vocabulary, Vocabulary]:
    """Insert so many people and photos with what belongs to them; return the words and the tags.

    Ids count from 1. Needs empty tables: raises ``IntegrityError`` otherwise.
    """
    words, tags = Vocabulary(WORDS, SEED), Vocabulary(TAGS, SEED + 1)
    report(f"Writing {people} people ...")
    names = (f"{first}.{second}" for first, second in _pairs(words))
    with transaction.atomic():
        _insert(User, (_person(number, next(names), words) for number in _ids(people)))
        _insert(UserStats, (UserStats(user_id=n, follower_count=people // n) for n in _ids(people)))
        _insert(Tag, (Tag(id=n, key=key) for n, key in enumerate(tags.words, 1)))
        _insert(Follow, _follows(people))
    report(f"Writing {photos} photos ...")
    places = {key: number for number, key in enumerate(tags.words, 1)}
    for first in range(1, photos + 1, 50_000):
        numbers = range(first, min(first + 50_000, photos + 1))
        drawn = {number: sorted(set(tags.draw(2))) for number in numbers}
        with transaction.atomic():
            _insert(Photo, (_photo(n, n % people + 1, drawn[n], words) for n in numbers))
            _insert(PhotoStats, (PhotoStats(photo_id=n) for n in numbers))
            _insert(
                PhotoTag,
                (
                    PhotoTag(id=2 * n + place, photo_id=n, tag_id=places[key])
                    for n in numbers
                    for place, key in enumerate(drawn[n])
                ),
            )
    return words, tags


def _ids(number: int) -> range:
    return range(1, number + 1)


def _pairs(words: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield different pairs of words, the frequent ones first."""
    for total in range(2 * len(words.words)):
        for first in range(total + 1):
            yield words.words[first], words.words[total - first]


def _person(number: int, name: str, words: Vocabulary) -> User:
    return User(
        id=number,
        username=name[:24] + str(number),
        email=f"{number}@example.org",
        display_name=" ".join(words.draw(2)).title(),
        is_private=number % 10 == 0,
        password="!",  # noqa: S106 - nobody can log in
    )


def _follows(people: int) -> Iterator[Follow]:
    """Yield the follows of the first hundred people, who search."""
    for number in range(100):
        for place in range(FOLLOWS):
            followee = (number * 37 + place * 101) % people + 1
            if followee != number + 1:
                yield Follow(
                    id=number * FOLLOWS + place + 1, follower_id=number + 1, followee_id=followee
                )


def _photo(number: int, author: int, tags: Sequence[str], words: Vocabulary) -> Photo:
    caption = " ".join([*words.draw(CAPTION_WORDS), *(f"#{key}" for key in tags)])
    alt_text = " ".join(words.draw(CAPTION_WORDS)) if number % 2 else ""
    return Photo(
        id=number,
        author_id=author,
        caption=caption,
        alt_text=alt_text,
        width=400,
        height=300,
        placeholder="data:image/webp;base64," + "A" * 400,
        original=f"originals/{number}.jpeg",
        renditions=[[320, 240, f"renditions/{number}-320.webp"]],
    )


def _insert(model: type[Row], rows: Iterable[Row]) -> None:
    waiting: Any = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        model._default_manager.bulk_create(batch, ignore_conflicts=model is Follow)
