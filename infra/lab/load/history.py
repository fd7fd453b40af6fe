"""What the site has acknowledged, and whether each act is there at the end, exactly once.

A write whose answer never came may or may not have happened: it is kept apart, and neither its
presence nor its absence is a fault.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Asks the site as one person: (name, path) -> (status, JSON).
Ask = Callable[[str, str], tuple[int, Any]]
PAGES = 60  # of fifty rows: longer lists are not counted through
PAGE = 50
# A picture that is left to a worker is published within a minute, even if the worker is killed.
PUBLISHED_WITHIN = 70.0


@dataclass
class Verification:
    """How many acts were looked up, and which are missing, twice, or counted wrongly."""

    checked: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    unanswered: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return counts, and the first few of each as examples."""
        return {
            "checked": self.checked,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "miscounted": len(self.miscounted),
            "unanswered": self.unanswered,
            "examples": [*self.lost[:3], *self.doubled[:3], *self.miscounted[:3]],
        }


@dataclass
class History:
    """Acknowledged acts: (person, what), and those whose answer never came."""

    likes: set[tuple[str, str]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    photos: dict[tuple[str, str], str] = field(default_factory=dict)  # (person, caption): id
    comments: dict[tuple[str, str, str], str] = field(default_factory=dict)  # (…, photo, text): id
    unknown: int = 0
    _until: float = 0.0

    def acknowledged(self) -> dict[str, int]:
        """Return how many acts of each kind the site has acknowledged."""
        return {
            "likes": len(self.likes),
            "follows": len(self.follows),
            "photos": len(self.photos),
            "comments": len(self.comments),
            "unknown": self.unknown,
        }

    def check(
        self, ask: Ask, limit: int, seed: int, patience: float = PUBLISHED_WITHIN
    ) -> Verification:
        """Look up to ``limit`` acknowledged acts up, chosen by ``seed``; about two requests each.

        Waits up to ``patience`` seconds, all together, for photos that are still processing.
        """
        found = Verification()
        self._until = time.monotonic() + patience
        dice = random.Random(seed)
        quarter = max(1, limit // 4)
        for person, photo in _some(dice, self.likes, quarter):
            self._like(ask, found, person, photo)
        for person, name in _some(dice, self.follows, quarter):
            self._follow(ask, found, person, name)
        self._photos(ask, found, _some(dice, self.photos, quarter))
        for person, photo, text in _some(dice, self.comments, quarter):
            self._comment(ask, found, person, photo, text)
        touched = _some(dice, {(photo, person) for person, photo in self.likes}, quarter // 4)
        for photo, person in dict(touched).items():
            _count_likes(ask, found, person, photo)
        return found

    def _like(self, ask: Ask, found: Verification, person: str, photo: str) -> None:
        status, card = ask(person, f"photos/{photo}/")
        found.checked += 1
        if status != 200:
            found.unanswered += 1
        elif not card["liked"]:
            found.lost.append(f"like of photo {photo}")

    def _follow(self, ask: Ask, found: Verification, person: str, name: str) -> None:
        status, profile = ask(person, f"users/{name}/")
        found.checked += 1
        if status != 200:
            found.unanswered += 1
        elif not profile["you_follow"]:
            found.lost.append(f"follow of {name}")

    def _photos(self, ask: Ask, found: Verification, chosen: list[tuple[str, str]]) -> None:
        """Read whole profiles of the authors: each caption must be there exactly once."""
        by_author = defaultdict(list)
        for person, caption in chosen:
            by_author[person].append(caption)
        for person, captions in by_author.items():
            there = self._captions(ask, person, set(captions))
            for caption in captions:
                found.checked += 1
                if there is None:
                    found.unanswered += 1
                elif caption not in there:
                    found.lost.append(f"photo {self.photos[person, caption]}")
                elif there.count(caption) > 1:
                    found.doubled.append(f"photo {caption!r}")

    def _captions(self, ask: Ask, person: str, wanted: set[str]) -> list[str] | None:
        """Return the captions of a person's photos, after waiting for those of ``wanted``."""
        while True:
            rows, complete = _pages(ask, person, f"users/{person}/photos/?limit={PAGE}")
            there = [row["caption"] for row in rows]
            if not complete:
                return None
            if wanted <= set(there) or time.monotonic() > self._until:
                return there
            time.sleep(1)

    def _comment(self, ask: Ask, found: Verification, person: str, photo: str, text: str) -> None:
        rows, complete = _pages(ask, person, f"photos/{photo}/comments/?limit={PAGE}")
        times = sum(row["text"] == text for row in rows)
        found.checked += 1
        if not complete:
            found.unanswered += 1
        elif times == 0:
            found.lost.append(f"comment {self.comments[person, photo, text]}")
        elif times > 1:
            found.doubled.append(f"comment {text!r}")


def _count_likes(ask: Ask, found: Verification, person: str, photo: str) -> None:
    """Compare the counter of a photo with the people who like it, none of them twice."""
    rows, complete = _pages(ask, person, f"photos/{photo}/likes/?limit={PAGE}")
    status, card = ask(person, f"photos/{photo}/")
    if not complete or status != 200:
        return
    found.checked += 1
    people = {row["username"] for row in rows}
    if len(people) < len(rows):
        found.doubled.append(f"like of photo {photo}")
    if card["like_count"] != len(rows):
        found.miscounted.append(f"photo {photo}: {card['like_count']} for {len(rows)} likes")


def _pages(ask: Ask, person: str, path: str) -> tuple[list[dict[str, Any]], bool]:
    """Return all rows of a list, and whether it was read to its end."""
    rows: list[dict[str, Any]] = []
    for _ in range(PAGES):
        status, answer = ask(person, path)
        if status != 200:
            return rows, False
        rows += answer["results"]
        if not answer["next"]:
            return rows, True
        path = answer["next"].partition("/api/v1/")[2]
    return rows, False


def _some(dice: random.Random, acts: Any, limit: int) -> list[Any]:
    ordered = sorted(acts)
    return dice.sample(ordered, min(limit, len(ordered)))
