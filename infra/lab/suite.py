"""The measurements that a stage gets, with their durations: what ``metrics collect`` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import Console

from infra.cluster import ClusterError
from infra.lab.ceiling import ceiling
from infra.lab.collecting import Part, Suite
from infra.lab.drill import drills
from infra.lab.driver import CannotMeasure
from infra.lab.expectations import for_stage
from infra.lab.export.expected import TARGETS
from infra.lab.records import Record
from infra.lab.run import load_for, stress, with_prices
from infra.lab.searches import breaking, growth
from infra.lab.storing import RecordInvalid
from infra.lab.targets import Sizes, Target, stage

REPEATS = 3  # of the mix, so that a comparison knows the noise between runs
# Share of the rate that the closed loop reached which an open loop then asks for.
OPEN_SHARE = 0.7
START_SECONDS = 90.0  # of a stage with its data set
RAMP_SECONDS = 20.0  # of a run: people log in, acts are looked up again
DRILL_SECONDS = 30.0
Make = Callable[[Target], Iterator[Record]]


def suite(console: Console, sizes: Sizes, scale: float = 1.0) -> Suite[Target]:
    """Return everything that is measured; ``scale`` makes the runs shorter or longer."""
    ramp = RAMP_SECONDS * min(1.0, scale)

    def part(
        name: str, seconds: float, run: Make, runs: int = 1, first_stage: int = 1
    ) -> Part[Target]:
        whole = runs * (seconds * scale + ramp)
        return Part(name, whole, run, tuple(range(first_stage, 6)))

    made = Runs(console, scale)
    return Suite(
        parts=(
            part("journey", 30, made.journey),
            part("mix", 60, made.mix, REPEATS),
            part("prices", 60, made.prices),
            part("reads", 60, made.reads),
            part("open", 60, made.open),
            part("ceiling", 20, made.ceiling),
            part("breaking", 10, made.breaking, 9),
            part("growth", 10, made.growth, 9, first_stage=3),
            *(
                Part("drill", DRILL_SECONDS * len(for_stage(number)), made.drill, (number,))
                for number in range(1, 6)
            ),
        ),
        up=lambda number: stage(number, sizes, lambda text: console.print(text, highlight=False)),
        up_seconds=START_SECONDS,
        failures=(CannotMeasure, ClusterError, RecordInvalid, OSError),
    )


class Runs:
    """How each part is measured; each yields its records as soon as they are there."""

    def __init__(self, console: Console, scale: float) -> None:
        self.console, self.scale = console, scale
        self.rate = 0.0  # of the mix, for the open loop

    def journey(self, target: Target) -> Iterator[Record]:
        """The nine things of the seed's test, by twenty people at once."""
        load = load_for(target, users=20, seconds=30 * self.scale, profile="journey", think=0.1)
        yield stress(target, load, console=self.console)[0]

    def mix(self, target: Target) -> Iterator[Record]:
        """Real use, several times."""
        for repeat in range(REPEATS):
            record = self._run(target, "mix", seed=repeat + 1)
            self.rate = max(self.rate, record.totals.rate)
            yield record

    def prices(self, target: Target) -> Iterator[Record]:
        """One more run of the mix, and what each operation costs alone."""
        record = self._run(target, "mix", seed=REPEATS + 1)
        seconds = max(1.0, 5 * self.scale)
        yield with_prices(target, record, seconds=seconds, console=self.console)

    def reads(self, target: Target) -> Iterator[Record]:
        """Reads only."""
        yield self._run(target, "reads")

    def open(self, target: Target) -> Iterator[Record]:
        """Real use that arrives whatever the site does, below the rate that it can serve."""
        yield self._run(target, "mix", rate=OPEN_SHARE * (self.rate or TARGETS[target.stage].rate))

    def ceiling(self, target: Target) -> Iterator[Record]:
        """What a leaner driver reads, where simulated people cost more than the site."""
        yield ceiling(target, seconds=max(2.0, 20 * self.scale))

    def breaking(self, target: Target) -> Iterator[Record]:
        """The number of people at which the stage fails them."""
        load = load_for(target, users=1, seconds=10 * self.scale)
        yield breaking(target, load, console=self.console)

    def growth(self, target: Target) -> Iterator[Record]:
        """The rate of one, two and three instances."""
        yield growth(target, seconds=10 * self.scale, console=self.console)

    def drill(self, target: Target) -> Iterator[Record]:
        """Every fault that the declared table has for the stage; last, since parts are killed."""
        yield drills(target, for_stage(target.stage), console=self.console)

    def _run(self, target: Target, profile: str, rate: float = 0, seed: int = 1) -> Record:
        users, think = people(target.stage)
        seconds = 60 * self.scale
        load = load_for(
            target, users=users, seconds=seconds, rate=rate, profile=profile, think=think, seed=seed
        )
        return stress(target, load, console=self.console)[0]


def people(number: int) -> tuple[int, float]:
    """Return how many people use a stage and how long they think.

    A stage has as many as it is built for. They think for a second, or for as much less as it
    takes to ask for half as much again as the stage's target; where the target is beyond what
    simulated people on the same machine can ask for, raw ceilings tell the rest.
    """
    target = TARGETS[number]
    if target.profile == "reads":
        return target.users, 1.0
    return target.users, round(min(1.0, target.users / target.rate / 1.5), 2)
