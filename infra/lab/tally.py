"""What the simulated people have seen: latencies kept one by one, failures by cause."""

from __future__ import annotations

import time
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
NO_LATENCIES = dict.fromkeys((*QUANTILES, "mean", "max"), 0.0)


def quantile(ordered: list[float], share: float) -> float:
    """Return the smallest value that ``share`` of all do not exceed; the list is sorted."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def latencies(values: array[float] | list[float]) -> dict[str, float]:
    """Return the quantiles, mean and maximum of milliseconds; zeros for none."""
    if not values:
        return dict(NO_LATENCIES)
    ordered = sorted(values)
    found = {name: round(quantile(ordered, share), 2) for name, share in QUANTILES.items()}
    return {**found, "mean": round(fmean(ordered), 2), "max": round(ordered[-1], 2)}


@dataclass
class Tally:
    """Counts of one window of time; what was sent before or after it is not counted."""

    opened: float = float("inf")
    closed: float = float("inf")
    times: defaultdict[str, array[float]] = field(
        default_factory=lambda: defaultdict(lambda: array("d"))
    )
    failures: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    outside: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    by_second: defaultdict[int, array[float]] = field(
        default_factory=lambda: defaultdict(lambda: array("d"))
    )
    failed_by_second: Counter[int] = field(default_factory=Counter)
    received: int = 0
    sent: int = 0

    def open(self) -> None:
        """Count from now on."""
        self.opened = time.perf_counter()

    def close(self) -> None:
        """Count nothing that is sent from now on; answers under way still count."""
        self.closed = time.perf_counter()

    def add(
        self, operation: str, *, began: float, ended: float, cause: str = "", sample: str = ""
    ) -> None:
        """Count one request; ``cause`` says why it failed. About two microseconds."""
        if not self.opened <= began < self.closed:
            self.outside[f"{operation}: {cause}" if cause else operation] += 1
            return
        milliseconds = (ended - began) * 1000
        self.times[operation].append(milliseconds)
        second = int(ended - self.opened)
        self.by_second[second].append(milliseconds)
        if cause:
            self.failures[operation][cause] += 1
            self.failed_by_second[second] += 1
            self.samples.setdefault(f"{operation}: {cause}", sample[:200])

    def seconds(self) -> float:
        """Return how long the window is or has been so far."""
        return max(0.0, min(self.closed, time.perf_counter()) - self.opened)

    def moment(self, back: int = 1) -> dict[str, float]:
        """Return the figures of the last full second, for a live view."""
        second = int(time.perf_counter() - self.opened) - back if self.seconds() else 0
        values = self.by_second.get(second) or array("d")
        return {
            "rate": len(values),
            "failed": self.failed_by_second[second],
            "p95": latencies(values)["p95"],
        }

    def result(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        seconds = self.seconds() or 1e-9
        every = array("d")
        causes: Counter[str] = Counter()
        operations = {}
        for name, values in self.times.items():
            operations[name] = self._row(values, self.failures[name], seconds)
            every.extend(values)
            causes.update(self.failures[name])
        return {
            "seconds": round(seconds, 2),
            "operations": operations,
            "totals": self._row(every, causes, seconds),
            "by_second": self._course(int(seconds)),
            "bytes": {"received": self.received, "sent": self.sent},
            "samples": self.samples,
            "outside": dict(self.outside),
        }

    def _course(self, seconds: int) -> list[dict[str, float]]:
        """Return the figures second by second; a last, broken second is left out."""
        return [
            {
                "rate": len(self.by_second.get(second, ())),
                "failed": self.failed_by_second[second],
                "p95": latencies(self.by_second.get(second, array("d")))["p95"],
            }
            for second in range(seconds)
        ]

    @staticmethod
    def _row(values: array[float], causes: Counter[str], seconds: float) -> dict[str, Any]:
        return {
            "requests": len(values),
            "failures": dict(causes),
            "rate": round(len(values) / seconds, 2),
            **latencies(values),
        }
