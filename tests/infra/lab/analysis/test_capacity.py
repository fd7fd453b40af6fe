"""Growth on paper: every number follows from a record or a stated assumption."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.lab.analysis.capacity import Assumptions, plan
from infra.lab.analysis.goals import GROWTH_STEPS, RATE_PER_PERSON
from infra.lab.analysis.request_costs import Costs, costs_of, newest
from infra.lab.records.storage import RecordInvalid
from infra.lab.report import growth
from tests.infra.lab.synthetic import operation, record

ASSUMED = Assumptions()


def costs() -> Costs:
    return costs_of(record(5))


def test_the_original_plan_asks_everyone_every_three_seconds() -> None:
    made = plan(5_000_000, costs(), ASSUMED, 5_000_000 * RATE_PER_PERSON)
    assert made.rate == 1_500_000
    assert made.seconds_between == pytest.approx(3.33, abs=0.01)


def test_web_machines_follow_from_cpu_cores_and_utilisation() -> None:
    made = plan(50_000, costs(), ASSUMED, 15_000)
    # 15,000 requests of 2.1 ms keep 31.5 cores busy; a machine gives 0.6 of 8.
    assert made.need("web machines") == 7


def test_a_hundred_times_the_people_need_a_hundred_times_the_storage() -> None:
    small, large = (plan(users, costs(), ASSUMED) for users in (50_000, 5_000_000))
    for name in ("photo storage", "database storage", "cache memory"):
        assert large.need(name) == pytest.approx(100 * small.need(name))


def test_photos_that_stay_half_as_long_take_half_the_room() -> None:
    short = replace(ASSUMED, retention_days=ASSUMED.retention_days / 2)
    whole, half = (plan(1000, costs(), assumed) for assumed in (ASSUMED, short))
    assert half.need("photo storage") * 2 == pytest.approx(whole.need("photo storage"))


def test_the_first_bottleneck_of_each_step_is_named() -> None:
    plans = [plan(n, costs(), ASSUMED, n * RATE_PER_PERSON) for n in GROWTH_STEPS]
    starts = (0, *GROWTH_STEPS[:2])
    told = [growth.bottlenecks(one, start) for one, start in zip(plans, starts, strict=True)]
    assert "nothing new gives way" in told[0]
    assert "first **disk of one machine for photos**" in told[1]
    assert "object storage" in told[1]
    assert "CPU of one primary for writes" in told[2]
    assert "disk of one machine for photos" not in told[2]


def test_cells_are_as_many_as_primaries_and_each_has_two_replicas() -> None:
    made = plan(5_000_000, costs(), ASSUMED, 1_500_000)
    assert made.cells == made.need("primaries (cells)") > 50
    assert made.need("replicas") >= 2 * made.cells


def test_every_number_names_its_record_or_its_assumption() -> None:
    known = {figure.key for figure in costs().figures()} | set(vars(ASSUMED))
    for need in plan(500, costs(), ASSUMED).needs:
        named = need.source.partition(";")[0].replace(" on one core each", "").split(", ")
        assert set(named) <= known, need.name
    for figure in costs().figures():
        assert figure.source.startswith(("stage5-stress-mix-", "assumed:"))


def test_costs_of_single_operations_tell_reads_from_writes() -> None:
    operations = {
        "feed": operation(8.0, requests=900, cpu_ms={"web": 1.0, "postgres": 0.2}),
        "like": operation(8.0, "write", 100, cpu_ms={"web": 1.0, "postgres": 2.0}),
    }
    found = costs_of(record(2, operations=operations))
    assert found.read_ms.value == pytest.approx(0.9 * 0.2)
    assert found.primary_ms.value == pytest.approx(0.1 * 2.0)


def test_without_such_costs_the_split_is_called_an_assumption() -> None:
    assert "assuming that both cost alike" in costs_of(record(2)).primary_ms.source


def test_the_highest_stage_that_was_measured_is_the_start() -> None:
    void = record(5, void="dropped requests")
    assert newest([record(2), record(4), void]).stage == 4
    assert newest([record(2), record(4)], stage=2).stage == 2
    with pytest.raises(RecordInvalid, match="needs a stress run of the mix of stage 3"):
        newest([record(2)], stage=3)


def test_nobody_needs_no_plan() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        plan(0, costs(), ASSUMED)
