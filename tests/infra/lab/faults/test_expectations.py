"""The declared table covers every stage, every operation and every fault that can be made."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from infra.lab.faults import expectations
from infra.lab.faults.drill import FaultInjector, PageProbe, judge
from infra.lab.faults.expectations import GROUPS, PAGE, TABLE, for_stage
from infra.lab.faults.injection import FAULTS
from infra.lab.load import spec


@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5])
def test_every_stage_has_faults_and_each_only_once(stage: int) -> None:
    names = [row.fault for row in for_stage(stage)]
    assert names
    assert len(names) == len(set(names))


def test_every_declared_fault_can_be_made_and_every_other_is_declared() -> None:
    assert {row.fault for row in TABLE} == FAULTS.keys()


def test_every_operation_and_page_has_a_declared_answer() -> None:
    assert {*spec.OPERATIONS, PAGE} == GROUPS.keys()


def row(fault: str, stage: int) -> expectations.Expectation:
    return next(each for each in for_stage(stage) if each.fault == fault)


def judged(
    fault: str, stage: int, failures: dict[str, dict[str, int]], at: float = 4.0, **history: int
) -> Any:
    """Judge a drill in which a hundred requests of each kind were sent."""
    result = {
        "operations": {
            name: {"requests": 100, "failures": failures.get(name, {})}
            for name in ("feed", "like", "upload")
        },
        "seconds": 20.0,
        "last_failures": dict.fromkeys(failures, at),
        "history": {"lost": 0, "doubled": 0, "miscounted": 0, **history},
    }
    injector: Any = FaultInjector(None, fault, 1)  # type: ignore[arg-type]
    injector.made_at, injector.mended_at = 3.0, 6.0
    probe = PageProbe(0, sent=10, causes=Counter())
    return judge(row(fault, stage), result, probe, injector)


def test_declared_failures_are_as_expected() -> None:
    assert judged("primary killed", 4, {"like": {"503": 40}}).as_expected
    assert judged("replica killed", 4, {}).as_expected


@pytest.mark.parametrize(
    "failures",
    [
        {"feed": {"503": 1}},  # reads go on without the primary
        {"like": {"503 without Retry-After": 1}},
        {"like": {"500": 1}},
        {"feed": {"stale: own write is missing": 1}},
    ],
)
def test_other_failures_are_not(failures: dict[str, dict[str, int]]) -> None:
    assert not judged("primary killed", 4, failures).as_expected


def test_a_lost_or_doubled_write_is_never_expected() -> None:
    assert not judged("primary killed", 4, {}, lost=1).as_expected
    assert not judged("primary killed", 4, {}, doubled=1).as_expected


def test_failures_that_go_on_too_long_or_are_too_many_are_not_expected() -> None:
    late = judged("instance killed", 3, {"like": {"502": 1}})
    assert (late.recovery_seconds, late.as_expected) == (1.0, True)
    assert not judged("instance killed", 3, {"like": {"502": 20}}).as_expected


def test_a_fault_that_goes_on_to_the_end_has_not_recovered() -> None:
    result = judged("primary killed", 4, {"like": {"503": 40}}, at=19.5)
    assert (result.recovery_seconds, result.as_expected) == (None, False)
