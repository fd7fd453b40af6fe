"""Absolute latencies, and the mix of a stage against the one before, are judged honestly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.lab.analysis.criteria import criteria_of
from infra.lab.analysis.judgement import NO, UNSURE, YES, Judgement, error_rate
from infra.lab.analysis.stage_records import stages
from infra.lab.records import Load, Record
from tests.infra.lab.synthetic import operation, record

MODERATE = Load(users=50, duration=60, profile="moderate", think_time=0.5, pictures=True)


def judged(number: int, name: str, records: list[Record]) -> Judgement:
    """Return what the row of this name says."""
    every = stages(records)
    row = next(one for one in criteria_of(number) if one.name == name)
    return row.judge(every[number - 1], every)


@pytest.mark.parametrize(
    ("ms", "status", "cause"),
    [(1.2, YES, ""), (2.5, NO, "p95 is not"), (4.0, NO, "so long takes")],
)
def test_median_and_p95_have_to_be_short(ms: float, status: str, cause: str) -> None:
    run = record(5, load=MODERATE, operations={"feed": operation(ms)})
    found = judged(5, "Moderate load: feed data", [run])
    assert (found.status, cause in found.cause) == (status, True)
    assert "50 people" in found.reached


def test_latencies_of_other_loads_stand_for_nothing() -> None:
    found = judged(5, "Moderate load: feed data", [record(5)])
    assert (found.reached, found.status) == ("not measured yet", UNSURE)


def mixes(number: int, times: list[float], *, pictures: bool = True, users: int = 9) -> list[Any]:
    """Return runs of the mix whose mean latencies are these."""
    load = Load(users=users, duration=60, pictures=pictures)
    return [
        record(number, seed=seed, load=load, totals=operation(ms, "all", 9_000))
        for seed, ms in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ([50, 51, 49], [20, 21, 20], YES),
        ([20, 21, 20], [50, 51, 49], NO),
        ([50, 90, 20], [49, 80, 25], UNSURE),
        ([50], [20], UNSURE),
    ],
)
def test_the_mix_is_faster_if_the_runs_tell_it(
    before: list[float], after: list[float], status: str
) -> None:
    found = judged(5, "Mix against Stage 4", [*mixes(4, before), *mixes(5, after)])
    assert found.status == status


def test_different_mixes_are_not_judged_against_each_other() -> None:
    found = judged(
        5, "Mix against Stage 4", [*mixes(4, [50, 51], pictures=False), *mixes(5, [20, 21])]
    )
    assert (found.status, "another mix" in found.cause) == (UNSURE, True)


def test_pictures_that_failed_are_errors_of_the_run() -> None:
    run = record(5)
    broken = operation(1.0, requests=1000, failures={"404": 7})
    requests = run.totals.requests
    with_pictures = replace(run, pictures=broken)
    assert f"7 of {requests + 1000:,}" in error_rate(with_pictures)
