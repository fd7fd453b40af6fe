"""Measure stages one part after the other, keep each record at once, and say how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from infra.lab.records import Record
from infra.lab.records.storage import store

T = TypeVar("T")
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Part(Generic[T]):
    """One measurement of a stage: what it is called, how long it takes, and how it is made."""

    name: str
    seconds: float
    run: Callable[[T], Iterable[Record]]  # records come one by one, as they are measured
    stages: tuple[int, ...] = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Suite(Generic[T]):
    """The parts, how a stage is brought up, and what a part may fail with."""

    parts: tuple[Part[T], ...]
    up: Callable[[int], AbstractContextManager[T]]
    up_seconds: float
    failures: tuple[type[Exception], ...]

    def of_stage(self, stage: int) -> list[Part[T]]:
        """Return the parts that a stage has."""
        return [part for part in self.parts if stage in part.stages]

    def only(self, names: Iterable[str]) -> Suite[T]:
        """Return the suite with these parts only; raises ``ValueError`` for an unknown name."""
        wanted, known = list(names), list(dict.fromkeys(part.name for part in self.parts))
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ValueError(f"No part is called {unknown[0]!r}. There are: {', '.join(known)}.")
        kept = tuple(part for part in self.parts if part.name in wanted)
        return Suite(kept, self.up, self.up_seconds, self.failures)

    def seconds(self, stages: Iterable[int]) -> float:
        """Return how long these stages take, their start included."""
        return sum(
            self.up_seconds + sum(part.seconds for part in self.of_stage(stage)) for stage in stages
        )


@dataclass
class Progress:
    """What is done and what is left."""

    left: float
    tell: Tell
    stored: list[Path]
    failed: list[str]

    def say(self, what: str) -> None:
        """Tell what comes next and how long all the rest takes."""
        self.tell(f"{what}; about {minutes(self.left)} left")


def collect(suite: Suite[T], stages: list[int], folder: Path, tell: Tell) -> Progress:
    """Measure ``stages`` and store the records in ``folder`` as they come.

    A part that fails is reported and left out; the others go on. Ctrl-C ends the collection: what
    was stored stays.
    """
    progress = Progress(suite.seconds(stages), tell, [], [])
    try:
        for stage in stages:
            _stage(suite, stage, folder, progress)
    except KeyboardInterrupt:
        progress.failed.append("ended by hand")
        tell(f"Ended by hand; {len(progress.stored)} records are kept.")
    return progress


def _stage(suite: Suite[T], stage: int, folder: Path, progress: Progress) -> None:
    progress.say(f"Stage {stage}: starting")
    parts = suite.of_stage(stage)
    end = progress.left - suite.up_seconds - sum(part.seconds for part in parts)
    try:
        with suite.up(stage) as target:
            progress.left -= suite.up_seconds
            for part in parts:
                _part(suite, stage, part, target, folder, progress)
    except suite.failures as error:
        _failed(progress, f"stage {stage}", error)
    progress.left = end


def _part(
    suite: Suite[T], stage: int, part: Part[T], target: T, folder: Path, progress: Progress
) -> None:
    progress.say(f"Stage {stage}: {part.name}")
    try:
        for record in part.run(target):
            path = store(record, folder)
            progress.stored.append(path)
            progress.tell(f"Stored {path.stem}{f' (void: {record.void})' if record.void else ''}")
    except suite.failures as error:
        _failed(progress, f"stage {stage}, {part.name}", error)
    progress.left -= part.seconds


def _failed(progress: Progress, what: str, error: Exception) -> None:
    progress.failed.append(what)
    progress.tell(f"Not measured: {what}: {error}")


def minutes(seconds: float) -> str:
    """Return a duration in seconds below 90 s, else in minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
