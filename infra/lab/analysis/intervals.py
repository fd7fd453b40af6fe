"""How far a difference between runs can be trusted.

Each function costs at most a few milliseconds and gives the same answer every time. Sources:
Kalibera and Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013), for the ratio of means
with an interval by resampling runs and then what is inside them; Georges, Buytaert and Eeckhout,
"Statistically rigorous Java performance evaluation" (OOPSLA 2007), for Student's t where runs are
few; Clopper and Pearson (1934) for shares; the rule of three is their case without a failure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy import stats

LEVEL = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True)
class Ratio:
    """The second side divided by the first, with the bounds of its 95 % interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def sure(self) -> bool:
        """Whether the interval excludes "no change"; False where there is no interval."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high

    def around(self, value: float) -> Ratio:
        """Return the interval around ``value``, the ratio of whole runs, as wide in proportion."""
        if self.low is None or self.high is None:
            return Ratio(value)
        return Ratio(value, self.low / self.value * value, self.high / self.value * value)


def of_runs(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Compare one value per run, two runs or more on each side: Welch's t on logarithms."""
    one, two = np.log(first), np.log(second)
    difference = float(two.mean() - one.mean())
    parts = one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)
    error = math.sqrt(sum(parts))
    if not error:
        return Ratio(math.exp(difference), math.exp(difference), math.exp(difference))
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(two) - 1))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
    return Ratio(*(math.exp(difference + shift) for shift in (0, -reach, reach)))


def of_rounds(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> Ratio:
    """Compare runs by their rounds, where one side is a single run: bootstrap of runs, then rounds.

    Rounds know what fluctuates inside a run, not what differs from one run to the next: the caller
    asks for a larger effect before it believes one.
    """
    value = fmean(map(fmean, second)) / fmean(map(fmean, first))
    random = np.random.default_rng(0)
    ratios = _resampled(second, random) / _resampled(first, random)
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Ratio(value, float(low), float(high))


def _resampled(runs: Sequence[Sequence[float]], random: np.random.Generator) -> np.ndarray:
    """Return the means of ``RESAMPLES`` samples drawn with replacement on both levels."""
    means = np.array(
        [random.choice(np.asarray(run), (RESAMPLES, len(run))).mean(axis=1) for run in runs]
    )
    picked = random.integers(len(runs), size=(RESAMPLES, len(runs)))
    return np.asarray(means[picked, np.arange(RESAMPLES)[:, None]].mean(axis=1))


def of_failures(first: tuple[int, int], second: tuple[int, int]) -> Ratio | None:
    """Compare two error rates, each (failures, requests); None if nothing failed at all.

    Given how many failed on both sides together, the share on the second side is binomial. That
    takes failures for independent; one fault that fails a hundred requests is surer than it looks.
    """
    (failed_1, sent_1), (failed_2, sent_2) = first, second
    both = failed_1 + failed_2
    if not both or not sent_1 or not sent_2:
        return None
    bounds = stats.binomtest(failed_2, both).proportion_ci(LEVEL, method="exact")
    scale = sent_1 / sent_2

    def odds(share: float) -> float:
        return math.inf if share >= 1 else share / (1 - share) * scale

    return Ratio(odds(failed_2 / both), odds(bounds.low), odds(bounds.high))


def largest_error_rate(failed: int, requests: int) -> float:
    """Return the error rate that is not exceeded with 95 % confidence (3/n if nothing failed)."""
    if not requests or failed >= requests:
        return 1.0
    return float(stats.beta.ppf(LEVEL, failed + 1, requests - failed))


def clean_requests_needed(rate: float) -> int:
    """Return how many requests in a row must succeed to claim an error rate below ``rate``."""
    return math.ceil(round(3 / rate, 6))
