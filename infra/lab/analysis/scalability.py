"""The Universal Scalability Law, fitted to the rates of 1, 2, 3 ... instances.

Gunther, "Guerrilla Capacity Planning" (2007), chapter 4: the rate of N instances is
``one * N / (1 + wait * (N - 1) + talk * N * (N - 1))``, where ``wait`` is the share that cannot be
done at the same time (Gunther's sigma) and ``talk`` the price of agreeing with each other (kappa).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize

from infra.lab.analysis.formatting import fixed
from infra.lab.records import Record

RESAMPLES = 300
LEAST_REPEATS = 3
# A forecast whose upper bound is more than this many times the lower one says nothing.
USABLE = 2.0


@dataclass(frozen=True)
class Point:
    """One measured rate of a number of instances, and where it comes from."""

    instances: int
    rate: float
    record: str


@dataclass(frozen=True)
class Law:
    """Three constants of the law."""

    one: float  # rate of one instance
    wait: float
    talk: float

    def rate(self, instances: float) -> float:
        """Return the rate that the law gives for this many instances."""
        crowd = instances - 1
        return self.one * instances / (1 + self.wait * crowd + self.talk * instances * crowd)

    @property
    def best(self) -> float:
        """Number of instances beyond which the rate falls; infinite without ``talk``."""
        return math.sqrt((1 - self.wait) / self.talk) if self.talk > 1e-9 else math.inf


@dataclass(frozen=True)
class Fit:
    """The law that fits best, what else would fit, and whether that is narrow enough to use."""

    points: tuple[Point, ...]
    law: Law
    others: tuple[Law, ...]  # fits to resampled points; empty if there is nothing to resample
    unusable: str  # why no forecast may be made from it; empty if one may

    def interval(self, instances: float) -> tuple[float, float] | None:
        """Return the bounds of the rate of this many instances (95 %), if they can be known."""
        if not self.others:
            return None
        low, high = np.quantile([law.rate(instances) for law in self.others], [0.025, 0.975])
        return float(low), float(high)


def points(records: Iterable[Record]) -> tuple[Point, ...]:
    """Return the rates of growth runs, without steps in which the load generator was the limit."""
    return tuple(
        Point(step.instances, step.rate, record.name)
        for record in records
        if record.kind == "growth" and (record.generator.limit or not record.void)
        for step in record.steps
        if step.rate > 0 and not step.generator_limit
    )


def by_stage(records: Iterable[Record]) -> dict[int, Fit | None]:
    """Return the fit of each stage that has rates: stages are different systems."""
    kept = list(records)
    return {
        stage: fit(
            points(record for record in kept if record.stage == stage),
            max(record.machine.cores for record in kept if record.stage == stage),
        )
        for stage in sorted({record.stage for record in kept if points([record])})
    }


def fit(found: tuple[Point, ...], cores: int = 0) -> Fit | None:
    """Fit the law and say how far it carries; None without three different numbers of instances.

    Three points determine three constants and leave nothing over to judge them by, so an interval
    needs each number of instances measured three times or more; it is then the range of fits to
    points drawn again from those. Costs about a second.
    """
    by_instances: defaultdict[int, list[float]] = defaultdict(list)
    for point in found:
        by_instances[point.instances].append(point.rate)
    if len(by_instances) < 3:
        return None
    law = _fit([(n, float(np.mean(rates))) for n, rates in by_instances.items()])
    repeated = min(map(len, by_instances.values())) >= LEAST_REPEATS
    rates_of = tuple((n, tuple(rates)) for n, rates in by_instances.items())
    others = _resampled(rates_of) if repeated else ()
    made = Fit(found, law, others, "")
    return Fit(found, law, others, _unusable(made, cores))


def _fit(means: list[tuple[int, float]]) -> Law:
    """Least squares on relative errors, with both constants kept at 0 or above."""
    fewest, its_rate = min(means)
    first = its_rate / fewest

    def errors(guess: np.ndarray) -> list[float]:
        law = Law(float(guess[0]) * first, float(guess[1]), float(guess[2]))
        return [law.rate(n) / rate - 1 for n, rate in means]

    found = optimize.least_squares(
        errors, [1.0, 0.1, 0.01], bounds=([0.01, 0, 0], [10, 1, 1]), xtol=1e-12, ftol=1e-12
    )
    one, wait, talk = (float(value) for value in found.x)
    return Law(one * first, wait, talk)


@lru_cache(maxsize=8)
def _resampled(rates_of: tuple[tuple[int, tuple[float, ...]], ...]) -> tuple[Law, ...]:
    random = np.random.default_rng(0)
    means = [
        [(n, float(random.choice(rates, len(rates)).mean())) for n, rates in rates_of]
        for _ in range(RESAMPLES)
    ]
    return tuple(map(_fit, means))


def _unusable(made: Fit, cores: int) -> str:
    """Return why the fit forecasts nothing."""
    largest = max(point.instances for point in made.points)
    bounds = made.interval(2 * largest)
    if bounds is None:
        return (
            f"each number of instances was measured fewer than {LEAST_REPEATS} times: three points "
            "fit three constants exactly and leave no interval"
        )
    if bounds[1] > USABLE * bounds[0]:
        return (
            f"for {2 * largest} instances it allows everything from {fixed(bounds[0])} to "
            f"{fixed(bounds[1])} a second"
        )
    if cores and largest >= cores:
        return (
            f"{largest} instances, databases and the load generator shared {cores} cores: the bend "
            "is that of the machine, not that of the site on machines of its own"
        )
    return ""
