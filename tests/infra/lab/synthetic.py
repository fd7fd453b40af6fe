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
            pool=0 if stage == 1 else 4,
            data={"users": 1000, "follows": 50, "photos": 20_000, "likes": 100_000},
        ),
        load=records.Load(users=100, duration=60.0, seed=1),
        totals=operation(ms, "all", each * 9, rate=rate),
        generator=records.GeneratorUsage(0.3),
        operations=made,
        peak_rps=rate * 1.2,
        rounds=rounds(rate, ms, cpu, seed, slow),
        server=servers(stage, rate, cpu),
        database=records.Database(rate * 2, 2.0, connections=9, lock_waits=0),
        bytes=records.Bytes(received=round(rate * 60 * 6_000), sent=round(rate * 60 * 400)),
        overhead_share=0.01,
    )
    return replace(base, **more)


def servers(stage: int, rate: float, cpu: float) -> dict[str, records.Group]:
    """Share the CPU of a request out to the processes that a stage has."""
    shares = {"web": 0.7}
    shares |= {"postgres": 0.3 if stage < 4 else 0.1} if stage > 1 else {}
    shares |= {"nginx": 0.05} if stage > 2 else {}
    shares |= {"replica1": 0.1, "replica2": 0.1} if stage > 3 else {}
    shares |= {"redis": 0.03} if stage > 4 else {}
    return {
        name: records.Group(round(cpu * share, 4), round(rate * 0.06 * cpu * share, 4), 120.0)
        for name, share in shares.items()
    }


def full_set() -> list[Record]:
    """Records that fill every table of the document: five stages, one of each kind of run."""
    rates = {1: 140.0, 2: 190.0, 3: 310.0, 4: 420.0, 5: 900.0}
    found = [record(stage, rate=rate) for stage, rate in rates.items()]
    for stage, rate in rates.items():
        for seed, profile in ((2, "reads"), (3, "journey")):
            load = records.Load(users=200, duration=60.0, profile=profile)
            found.append(record(stage, rate=rate * 1.5, seed=seed, load=load))
        steps = tuple(
            records.Step(users, users * 90, rate, 9.0, ms, {"timeout": users} if ms > 500 else {})
            for users, ms in ((100, 20.0), (500, 90.0), (1000, 700.0))
        )
        found.append(record(stage, seed=4, kind="breaking", steps=steps))
    return [*found, *_of_later_stages()]


def _of_later_stages() -> list[Record]:
    growth = tuple(
        records.Step(100, 9000, rate, 9.0, 30.0, instances=n)
        for n, rates in ((1, (150, 153, 148)), (2, (270, 262, 275)), (3, (310, 318, 305)))
        for rate in rates
    )
    drill = records.Drill(
        "kill an instance",
        9000,
        0,
        0,
        0,
        0,
        0,
        1.5,
        "every request is answered",
        "200 × 9,000",
        as_expected=True,
    )
    lost = replace(drill, fault="kill the primary", lost=2, as_expected=False)
    cache = {
        name: records.CacheLookups(9000, 100, 900, 900) for name in ("account", "photo", "feed")
    }
    void = "The load generator used 97% of a core: it was the limit."
    return [
        record(3, seed=5, kind="growth", steps=growth),
        record(3, seed=6, kind="drill", drills=(drill,)),
        record(4, seed=6, kind="drill", drills=(lost,)),
        record(5, seed=7, rate=950.0, cache=cache, notes=("Made up.",)),
        record(5, seed=8, void=void, generator=records.GeneratorUsage(0.97, limit=True)),
    ]
