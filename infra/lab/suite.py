"""The measurements that a stage gets, with their durations: what ``lab collect`` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console

from infra.cluster import ClusterError
from infra.lab.analysis.goals import GOALS
from infra.lab.collecting import Part, Suite
from infra.lab.data_set import DataSet
from infra.lab.faults.drill import drills
from infra.lab.faults.expectations import for_stage
from infra.lab.load.driver import CannotMeasure
from infra.lab.load.spec import CLASSIC_MIX, LOGGED_IN_TIMES
from infra.lab.measure.breaking_point import STEPS, breaking
from infra.lab.measure.ceiling import ceiling
from infra.lab.measure.growth import REPEATS, growth
from infra.lab.measure.stress import load_for, stress, with_prices
from infra.lab.measure.target import Target, stage
from infra.lab.records import Record
from infra.lab.records.storage import RecordInvalid

# Share of the rate that the closed loop reached which an open loop then asks for.
OPEN_SHARE = 0.7
# For estimates: what a stage with its data set takes to start, people who log in per second at
# first, what else a run takes (its process, people who are logged in, what is looked up again), and
# a fault.
START_SECONDS, ARRIVALS, RUN_SECONDS, DRILL_SECONDS = 40.0, 30.0, 4.0, 23.0
JOURNEY_PEOPLE = 20
# Alone: how many operations, what each takes beside its measured time, and what the worker takes to
# finish what uploads and registrations have left to it.
OPERATIONS_ALONE, ALONE_SECONDS, WORKER_SECONDS = 11, 2.0, 30.0
# Moderate load, declared: latencies without a queue, about a hundred requests a second.
MODERATE_PEOPLE, MODERATE_THINK, MODERATE_STAGES = 50, 0.5, (2, 5)
# Simulated people are asked for no more reads a second than that, whatever a stage aims at.
MOST_READS = 1000.0
# Below this scale searches leave out steps, and growth is repeated less often.
WHOLE_SCALE = 0.5
FEWER_STEPS = frozenset({1, 20, 100, 300, 500, 700, 1000, 1500, 2000, 3000})


@dataclass(frozen=True)
class Extent:
    """How much is measured: durations, repeats, and the most people at once."""

    scale: float = 1.0
    repeats: int = 3  # of the mix, so that a comparison knows the noise between runs
    most_people: int = 10_000
    mix: str = "default"  # or "classic": few pictures

    def people(self, number: int, profile: str = "mix") -> tuple[int, float]:
        """Return how many people use a stage and how long they think, in seconds.

        A stage has as many as it is built for. They think for a second, or for as much less as it
        takes to ask for half as much again as the stage's target; where the target is beyond what
        simulated people on the same machine can ask for, raw ceilings tell the rest.
        """
        target = GOALS[number]
        users = min(target.users, self.most_people)
        if target.profile != "reads":
            return users, round(min(1.0, target.users / target.rate / 1.5), 2)
        if profile != "reads":
            return users, 1.0
        return users, round(min(1.0, target.users / min(target.rate, MOST_READS) / 1.5), 2)

    def steps(self) -> list[int]:
        """Return the numbers of people that a search tries: fewer where the scale is small."""
        return [
            step
            for step in STEPS
            if step <= self.most_people and (self.scale >= WHOLE_SCALE or step in FEWER_STEPS)
        ]

    @property
    def growth_repeats(self) -> int:
        """How often growth is repeated."""
        return REPEATS if self.scale >= WHOLE_SCALE else 2


def suite(
    console: Console,
    data_set: DataSet,
    extent: Extent,
    env_of: Callable[[int], dict[str, str]] = lambda stage: {},
) -> Suite[Target]:
    """Return everything that is measured on each stage; ``env_of`` adds to its environment."""
    return Suite(
        parts=tuple(
            part for number in range(1, 6) for part in Runs(console, extent, number).parts()
        ),
        up=lambda number: stage(
            number,
            data_set,
            lambda text: console.print(text, highlight=False),
            env=env_of(number),
        ),
        up_seconds=START_SECONDS,
        failures=(CannotMeasure, ClusterError, RecordInvalid, OSError),
    )


class Runs:
    """How each part of a stage is measured; each yields its records as soon as they are there."""

    def __init__(self, console: Console, extent: Extent, number: int) -> None:
        self.console, self.extent, self.number = console, extent, number
        self.rate = 0.0  # that the mix has reached, for the open loop

    def parts(self) -> Iterator[Part[Target]]:
        """Return the parts of this stage, faults last since they kill what is measured."""
        extent, scale, only = self.extent, self.extent.scale, (self.number,)
        log_in = extent.people(self.number)[0] / ARRIVALS
        extra = RUN_SECONDS + log_in / LOGGED_IN_TIMES
        run = 60 * scale + extra
        yield Part("journey", 30 * scale + RUN_SECONDS, self.journey, only)
        yield Part("mix", log_in + extent.repeats * run, self.mix, only)
        alone = OPERATIONS_ALONE * (max(1.0, 5 * scale) + ALONE_SECONDS)
        alone += WORKER_SECONDS if self.number > 1 else 0.0
        yield Part("prices", run + alone, self.prices, only)
        yield Part("reads", run, self.reads, only)
        yield Part("open", run, self.open, only)
        if self.number in MODERATE_STAGES:
            yield Part("moderate", run, self.moderate, only)
        yield Part("ceiling", max(2.0, 20 * scale) + 2, self.ceiling, only)
        tried = sum(step <= GOALS[self.number].users for step in extent.steps()) + 1
        yield Part("breaking", tried * (max(4.0, 10 * scale) + extra), self.breaking, only)
        if self.number >= 3:
            runs = 3 * extent.growth_repeats
            yield Part("growth", runs * (10 * scale + RUN_SECONDS), self.growth, only)
        faults = len(for_stage(self.number))
        yield Part("drill", DRILL_SECONDS * faults, self.drill, only)

    def journey(self, target: Target) -> Iterator[Record]:
        """Yield one run: the nine operations of a new person, by twenty people at once."""
        users = min(JOURNEY_PEOPLE, self.extent.most_people)
        seconds = 30 * self.extent.scale
        load = load_for(target, users=users, seconds=seconds, profile="journey", think=0.1)
        yield stress(target, load, console=self.console)[0]

    def mix(self, target: Target) -> Iterator[Record]:
        """Yield runs of real use, as often as the extent says."""
        for repeat in range(self.extent.repeats):
            record = self._run(target, "mix", seed=repeat + 1)
            self.rate = max(self.rate, record.totals.rate)
            yield record

    def prices(self, target: Target) -> Iterator[Record]:
        """Yield one more run of the mix, with what each operation costs alone."""
        record = self._run(target, "mix", seed=self.extent.repeats + 1)
        seconds = max(1.0, 5 * self.extent.scale)
        yield with_prices(target, record, seconds=seconds, console=self.console)

    def reads(self, target: Target) -> Iterator[Record]:
        """Yield one run of reads only."""
        yield self._run(target, "reads")

    def open(self, target: Target) -> Iterator[Record]:
        """Yield an open loop of real use, below the rate that the closed loop has reached."""
        yield self._run(target, "mix", rate=OPEN_SHARE * (self.rate or GOALS[self.number].rate))

    def moderate(self, target: Target) -> Iterator[Record]:
        """Yield one run of few people, for the latencies that the original plan names."""
        load = load_for(
            target,
            users=min(MODERATE_PEOPLE, self.extent.most_people),
            seconds=60 * self.extent.scale,
            profile="moderate",
            think=MODERATE_THINK,
        )
        yield stress(target, load, console=self.console)[0]

    def ceiling(self, target: Target) -> Iterator[Record]:
        """Yield what a lean driver reads, since simulated people cost more than the site."""
        yield ceiling(target, seconds=max(2.0, 20 * self.extent.scale))

    def breaking(self, target: Target) -> Iterator[Record]:
        """Yield the search for the number of people at which the stage fails them."""
        seconds = max(4.0, 10 * self.extent.scale)  # one person who thinks must ask, too
        load = load_for(target, users=1, seconds=seconds, mix=self._mix())
        yield breaking(target, load, steps=self.extent.steps(), console=self.console)

    def growth(self, target: Target) -> Iterator[Record]:
        """Yield the rates of one, two and three instances."""
        seconds, repeats = 10 * self.extent.scale, self.extent.growth_repeats
        yield growth(target, seconds=seconds, repeats=repeats, console=self.console)

    def drill(self, target: Target) -> Iterator[Record]:
        """Yield the drills of every fault that is declared for the stage."""
        yield drills(target, for_stage(self.number), console=self.console)

    def _run(self, target: Target, profile: str, rate: float = 0, seed: int = 1) -> Record:
        users, think = self.extent.people(self.number, profile)
        load = load_for(
            target,
            users=users,
            seconds=60 * self.extent.scale,
            rate=rate,
            profile=profile,
            mix=self._mix() if profile == "mix" else None,
            think=think,
            seed=seed,
        )
        return stress(target, load, console=self.console)[0]

    def _mix(self) -> dict[str, float] | None:
        """Return the weights of the classic mix, if that was asked for."""
        return dict(CLASSIC_MIX) if self.extent.mix == "classic" else None
