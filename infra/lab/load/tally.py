"""Counts of a run: latencies kept one by one, failures by cause."""

from __future__ import annotations

import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from infra.lab.load.spec import PAGE_PICTURE

QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
NO_LATENCIES = dict.fromkeys((*QUANTILES, "mean", "max"), 0.0)
ROUNDS = 10


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of all do not exceed; they are sorted."""
    if not ordered:
        return 0.0
    rank = -int(-share * len(ordered) // 1)
    return ordered[min(len(ordered), max(1, rank)) - 1]


def latencies(values: Sequence[float]) -> dict[str, float]:
    """Return the exact quantiles, mean and maximum of milliseconds; zeros for none."""
    if not values:
        return dict(NO_LATENCIES)
    ordered = sorted(values)
    found = {name: round(quantile(ordered, share), 2) for name, share in QUANTILES.items()}
    return {**found, "mean": round(fmean(ordered), 2), "max": round(ordered[-1], 2)}


@dataclass
class Timings:
    """Successes of one operation, with moment and duration of each, and failures by cause."""

    moments: array[float] = field(default_factory=lambda: array("d"))
    times: array[float] = field(default_factory=lambda: array("d"))
    failed_at: array[float] = field(default_factory=lambda: array("d"))
    causes: Counter[str] = field(default_factory=Counter)

    def row(self, seconds: float) -> dict[str, Any]:
        """Return the figures of a record; the rate is that of good answers."""
        return {
            "requests": len(self.times) + len(self.failed_at),
            "failures": dict(self.causes),
            "rate": round(len(self.times) / seconds, 2),
            **latencies(self.times),
        }


@dataclass
class Tally:
    """Counts of one window of time; what was sent before or after it is not counted."""

    opened: float = float("inf")
    closed: float = float("inf")
    operations: defaultdict[str, Timings] = field(default_factory=lambda: defaultdict(Timings))
    # Pictures that answers show: many and cheap, so that no figure of operations has them in it.
    pictures: Timings = field(default_factory=Timings)
    outside: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    # The current second, for a live view.
    recent: Counter[int] = field(default_factory=Counter)
    recent_times: defaultdict[int, array[float]] = field(
        default_factory=lambda: defaultdict(lambda: array("d"))
    )
    received: int = 0
    sent: int = 0

    def open(self) -> None:
        """Open the window: count from now on."""
        self.opened = time.perf_counter()

    def close(self) -> None:
        """Close the window: requests sent from now on do not count, those under way do."""
        self.closed = time.perf_counter()

    def add(
        self, operation: str, *, began: float, ended: float, cause: str = "", sample: str = ""
    ) -> None:
        """Count one request; ``cause`` says why it failed. About two microseconds."""
        if not self.opened <= began < self.closed:
            self.outside[f"{operation}: {cause}" if cause else operation] += 1
            return
        seen = self.operations[operation] if operation != PAGE_PICTURE else self.pictures
        moment = ended - self.opened
        if cause:
            seen.failed_at.append(moment)
            seen.causes[cause] += 1
            self.recent[int(moment)] += 1
            self.samples.setdefault(f"{operation}: {cause}", sample[:200])
            return
        milliseconds = (ended - began) * 1000
        seen.moments.append(moment)
        seen.times.append(milliseconds)
        if seen is not self.pictures:
            self.recent_times[int(moment)].append(milliseconds)

    def seconds(self) -> float:
        """Return how long the window is or has been so far."""
        return max(0.0, min(self.closed, time.perf_counter()) - self.opened)

    def moment(self) -> dict[str, float]:
        """Return the figures of the last full second, for a live view."""
        second = int(time.perf_counter() - self.opened) - 1 if self.seconds() else -1
        values = self.recent_times.get(second) or array("d")
        failed = self.recent[second]
        return {"rate": len(values) + failed, "failed": failed, "p95": latencies(values)["p95"]}

    def result(self) -> dict[str, Any]:
        """Return all figures of the window, ready for JSON."""
        seconds = self.seconds() or 1e-9
        every = Timings()
        for seen in self.operations.values():
            every.times.extend(seen.times)
            every.failed_at.extend(seen.failed_at)
            every.causes.update(seen.causes)
        return {
            "seconds": round(seconds, 3),
            "operations": {name: seen.row(seconds) for name, seen in self.operations.items()},
            "totals": every.row(seconds),
            "pictures": self.pictures.row(seconds),
            "peak": max((len(self.recent_times[s]) for s in range(int(seconds))), default=0),
            "rounds": [self._round(number, seconds / ROUNDS) for number in range(ROUNDS)],
            "bytes": {"received": self.received, "sent": self.sent},
            "samples": self.samples,
            "outside": dict(self.outside),
            "last_failures": self._last_failures(),
        }

    def _last_failures(self) -> dict[str, float]:
        """Return when each operation failed for the last time, in seconds of the window."""
        return {
            name: round(seen.failed_at[-1], 2)
            for name, seen in (*self.operations.items(), (PAGE_PICTURE, self.pictures))
            if seen.failed_at
        }

    def _round(self, number: int, length: float) -> dict[str, Any]:
        """Return one slice of the window; the last one takes what came after its end."""
        first = number * length
        last = first + length if number < ROUNDS - 1 else float("inf")
        every: list[float] = []
        medians = {}
        failed = 0
        for name, seen in self.operations.items():
            here = [
                taken
                for moment, taken in zip(seen.moments, seen.times, strict=True)
                if first <= moment < last
            ]
            failed += sum(first <= moment < last for moment in seen.failed_at)
            every += here
            if here:
                medians[name] = round(quantile(sorted(here), 0.5), 2)
        figures = latencies(every)
        return {
            "requests": len(every) + failed,
            "failed": failed,
            "rate": round(len(every) / length, 2),
            "mean": figures["mean"],
            "p95": figures["p95"],
            "operations": medians,
        }
