"""The plan of the large data set: ids, follows and like counts, decided before any row is written.

No query here: equal sizes give equal plans. Like counts follow Zipf's law and the first people are
followed most, as on a real site.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from minigram_site.fields.snowflake import MADE_HERE_FROM, id_at, moment_of

SEED = 20260101
START = datetime(2026, 1, 1, tzinfo=UTC)
# As early as ids of this site can be.
LONG_AGO = moment_of(MADE_HERE_FROM)
DORMANT_PHOTOS = 2
MAX_USERS = 1_000_000
MAX_ROWS = 1_000_000_000
MARK = "Sample data:"


class CannotPopulate(ValueError):
    """The data set cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of each kind there shall be; ``follows`` is per person."""

    users: int
    follows: int
    photos: int
    likes: int
    dormant: int = 0

    def check(self) -> None:
        """Raise ``CannotPopulate`` where the numbers contradict each other."""
        for name, value in asdict(self).items():
            if not 0 <= value <= MAX_ROWS:
                raise CannotPopulate(f"--{name} must be between 0 and {MAX_ROWS:,}.")
        if not 1 <= self.users <= MAX_USERS or self.dormant > MAX_USERS:
            raise CannotPopulate(f"--users must be between 1 and {MAX_USERS:,} (so --dormant).")
        if self.follows >= self.users:
            raise CannotPopulate(
                f"--follows {self.follows} is too many: {self.users} people have "
                f"{self.users - 1} others to follow at the most."
            )
        if self.likes > self.users * self.photos:
            raise CannotPopulate(
                f"--likes {self.likes} is too many: {self.users} people can like {self.photos} "
                f"photos {self.users * self.photos} times at the most."
            )

    @property
    def mark(self) -> str:
        """The bio of each person: the sizes, by which the data set is recognised later."""
        return f"{MARK} " + ", ".join(f"{value} {name}" for name, value in asdict(self).items())


@dataclass(slots=True)
class Plan:
    """All numbers of a data set: ids in rising order, and positions in the lists of ids.

    ``authors`` (one per photo) and ``follows`` (a list per person) are positions in ``people``,
    ``likes`` are counts per photo; ``old_photos`` belong to the ``dormant``.
    """

    people: list[int]
    dormant: list[int]
    photos: list[int]
    authors: list[int]
    old_photos: list[int]
    follows: list[list[int]]
    likes: list[int]


def make_plan(sizes: Sizes) -> Plan:
    """Return the plan for ``sizes``. No query; 0.05 s for 1,000 people and 20,000 photos."""
    rng = random.Random(SEED)
    return Plan(
        people=spread_ids(sizes.users, START, days=1),
        dormant=spread_ids(sizes.dormant, LONG_AGO, days=1),
        photos=spread_ids(sizes.photos, START + timedelta(days=1), days=14),
        authors=[rng.randrange(sizes.users) for _ in range(sizes.photos)],
        old_photos=spread_ids(
            sizes.dormant * DORMANT_PHOTOS, LONG_AGO + timedelta(days=1), days=14
        ),
        follows=_plan_follows(sizes, rng),
        likes=_plan_likes(sizes, rng),
    )


def spread_ids(count: int, start: datetime, *, days: int) -> list[int]:
    """Return ``count`` ids in rising order, spread evenly over the days after ``start``."""
    step = timedelta(days=days) / max(count, 1)
    return [id_at(start + step * number) for number in range(count)]


def _plan_follows(sizes: Sizes, rng: random.Random) -> list[list[int]]:
    """Return for each person the positions of those they follow; low positions are likelier."""
    weights = [1 / (rank + 10) ** 0.6 for rank in range(sizes.users)]
    if sizes.follows * 4 > sizes.users:
        return [_draw_many(me, weights, sizes.follows, rng) for me in range(sizes.users)]
    total = 0.0
    cumulated = [total := total + weight for weight in weights]
    everyone = range(sizes.users)
    return [_draw_few(me, everyone, cumulated, sizes.follows, rng) for me in everyone]


def _draw_few(
    me: int, everyone: range, cumulated: list[float], count: int, rng: random.Random
) -> list[int]:
    """Return ``count`` distinct positions, drawn until there are enough: quick for few of many."""
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        for other in rng.choices(everyone, cum_weights=cumulated, k=count - len(chosen)):
            if other != me:
                chosen[other] = None
    return list(chosen)


def _draw_many(me: int, weights: list[float], count: int, rng: random.Random) -> list[int]:
    """Return ``count`` positions, sorted by weighted random keys (Efraimidis, Spirakis 2006)."""
    keys = [(rng.random() ** (1 / weight), other) for other, weight in enumerate(weights)]
    return [other for _, other in sorted(keys, reverse=True) if other != me][:count]


def _plan_likes(sizes: Sizes, rng: random.Random) -> list[int]:
    """Return the like count of each photo by Zipf's law; at most the number of people."""
    if not sizes.photos:
        return []
    weights = [1 / (rank + 5) ** 0.8 for rank in range(sizes.photos)]
    scale = sizes.likes / sum(weights)
    counts = [min(int(weight * scale), sizes.users) for weight in weights]
    left = sizes.likes - sum(counts)
    while left:
        for rank, count in enumerate(counts):
            if left and count < sizes.users:
                counts[rank], left = count + 1, left - 1
    rng.shuffle(counts)
    return counts
