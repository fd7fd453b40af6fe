"""What can be compared between runs: each figure, which way is better, and how it fluctuates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from infra.lab.records import Record, Round


@dataclass(frozen=True)
class Metric:
    """One row of a comparison."""

    name: str
    better: Literal["more", "less"]
    value: Callable[[Record], float | None]
    # What the rounds of a run say of it; None where it is counted once per run.
    each_round: Callable[[Round], float | None] | None = None
    unit: str = ""
    # Counted, not timed: equal from run to run, so that small changes mean something.
    counted: bool = False

    def rounds(self, record: Record) -> list[float]:
        """Return the values of the rounds that have one."""
        if self.each_round is None:
            return []
        found = (self.each_round(one) for one in record.rounds)
        return [value for value in found if value is not None]


def cpu_per_request(record: Record) -> float | None:
    """Return CPU milliseconds of all server processes per request; None if not measured."""
    return sum(group.cpu_ms_per_request for group in record.server.values()) or None


def hit_rate(record: Record) -> float | None:
    """Return the share of all cache lookups that needed no SQL; None without a cache."""
    asked = sum(kind.hits + kind.stale + kind.misses for kind in record.cache.values())
    served = sum(kind.hits + kind.stale for kind in record.cache.values())
    return served / asked if asked else None


def imbalance(record: Record) -> float | None:
    """Return how many times more the busiest instance answered than the idlest; None for one.

    An instance that answered nothing counts as one answer.
    """
    answers = record.answers.values()
    return max(answers) / max(1, min(answers)) if len(answers) > 1 else None


WHOLE = (
    Metric("rate", "more", lambda r: r.totals.rate, lambda one: one.rate, "/s"),
    Metric("mean latency", "less", lambda r: r.totals.mean, lambda one: one.mean, "ms"),
    Metric("p95 latency", "less", lambda r: r.totals.p95, lambda one: one.p95, "ms"),
    Metric("CPU per request", "less", cpu_per_request, lambda one: one.cpu_ms, "ms"),
    Metric("queries per request", "less", lambda r: r.database.queries_per_request, counted=True),
    Metric("rows looked at per request", "less", lambda r: r.database.rows_per_request),
    Metric("cache hit rate", "more", hit_rate, unit="%", counted=True),
    Metric("busiest against idlest instance", "less", imbalance),
    Metric("replica lag", "less", lambda r: r.database.replica_lag_ms, unit="ms"),
    Metric("bytes per request", "less", lambda r: _per_request(r, r.bytes.received), unit="B"),
)


def all_metrics(records: Iterable[Record]) -> list[Metric]:
    """Return the rows that these records can fill: the whole run, operations, groups, caches."""
    records = list(records)
    operations = _names(record.operations for record in records)
    groups = _names(record.server for record in records)
    kinds = _names(record.cache for record in records)
    return [
        *WHOLE,
        *(_median_of(name) for name in operations),
        *(_cpu_of(name) for name in groups),
        *(_memory_of(name) for name in groups),
        *(_hits_of(name) for name in kinds),
    ]


def _median_of(name: str) -> Metric:
    def value(record: Record) -> float | None:
        found = record.operations.get(name)
        return found.p50 if found and found.requests > found.failed else None

    return Metric(f"{name}: median", "less", value, lambda one: one.operations.get(name), "ms")


def _cpu_of(name: str) -> Metric:
    def value(record: Record) -> float | None:
        return record.server[name].cpu_ms_per_request if name in record.server else None

    return Metric(f"{name}: CPU per request", "less", value, unit="ms")


def _memory_of(name: str) -> Metric:
    def value(record: Record) -> float | None:
        return record.server[name].memory_mb if name in record.server else None

    return Metric(f"{name}: memory", "less", value, unit="MB")


def _hits_of(name: str) -> Metric:
    def value(record: Record) -> float | None:
        return record.cache[name].hit_rate if name in record.cache else None

    return Metric(f"{name}: cache hit rate", "more", value, unit="%", counted=True)


def _names(found: Iterable[Iterable[str]]) -> list[str]:
    """Return every name once, in the order of its first appearance."""
    return list(dict.fromkeys(name for names in found for name in names))


def _per_request(record: Record, count: float) -> float | None:
    return count / record.totals.requests if count and record.totals.requests else None
