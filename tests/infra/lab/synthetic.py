"""Made-up records for tests: never committed as if they had been measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from infra.lab import records
from infra.lab.records import Operation, Record, Round

READS = {"feed": 8.0, "feed, next page": 9.0, "photo": 5.0, "picture": 2.0}
WRITES = {"register": 60.0, "log in": 50.0, "like": 6.0, "follow": 6.5, "comment": 7.0}


def operation(ms: float, kind: Any = "read", requests: int = 2_000, **more: Any) -> Operation:
    shape = (("p50", 1.0), ("p75", 1.3), ("p90", 1.8), ("p95", 2.2), ("p99", 4.0), ("p999", 8.0))
    latencies = {name: round(ms * times, 3) for name, times in shape}
    given = {"rate": requests / 60, "max": ms * 12, "mean": ms * 1.2, **latencies, **more}
    return Operation(requests=requests, kind=kind, **given)


def rounds(rate: float, ms: float, cpu: float, seed: int, slow: dict[str, float]) -> Any:
    """Ten slices with five percent of noise."""
    random = Random(seed)
    medians = {name: one * slow.get(name, 1) for name, one in {**READS, **WRITES}.items()}

    def noisy(value: float) -> float:
        return round(value * random.gauss(1, 0.05), 4)

    return tuple(
        Round(
            requests=round(rate * 6),
            failed=0,
            rate=noisy(rate),
            mean=noisy(ms * 1.2),
            p95=noisy(ms * 2.2),
            cpu_ms=noisy(cpu),
            operations={name: noisy(one) for name, one in medians.items()},
        )
        for _ in range(10)
    )


def record(
    stage: int = 1,
    *,
    rate: float = 150.0,
    seed: int = 1,
    cpu: float = 3.0,
    slow: dict[str, float] | None = None,
    **more: Any,
) -> Record:
    """A stress run of ``rate`` a second over a minute, with about five percent of noise."""
    slow, ms = slow or {}, 8.0
    each = round(rate * 60 / 9)
    made = {
        name: operation(one * slow.get(name, 1), kind, each)
        for kind, group in (("read", READS), ("write", WRITES))
        for name, one in group.items()
    }
    began = datetime(2026, 11, 26, 9, tzinfo=UTC) + timedelta(minutes=10 * stage + seed)
    base = Record(
        kind="stress",
        stage=stage,
        started=began.isoformat(),
        seconds=60.0,
        commit="0123abc",
        machine=records.Machine("Made-up CPU", 2, 8.0, "6.1", "3.11.7"),
        versions={"django": "5.2", "gunicorn": "27.0"},
        configuration=records.Configuration(
            instances=3 if stage > 2 else 1,
            replicas=2 if stage > 3 else 0,
            data={"users": 1000, "photos": 20_000, "likes": 100_000},
        ),
        load=records.Load(users=100, duration=60.0, seed=1),
        totals=operation(ms, "all", each * 9, rate=rate),
        generator=records.Generator(0.3),
        operations=made,
        peak_rps=rate * 1.2,
        rounds=rounds(rate, ms, cpu, seed, slow),
        server={
            "web": records.Group(cpu * 0.7, rate * 60 * cpu * 0.7 / 1000, 120.0),
            "postgres": records.Group(cpu * 0.3, rate * 60 * cpu * 0.3 / 1000, 200.0),
        },
        database=records.Database(rate * 2, 2.0, 9, 0),
        bytes=records.Bytes(received=round(rate * 60 * 6_000), sent=round(rate * 60 * 400)),
        overhead_share=0.01,
    )
    return replace(base, **more)
