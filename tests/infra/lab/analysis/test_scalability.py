"""The scalability law is found again in rates made from it, and knows when it says nothing."""

from __future__ import annotations

import pytest

from infra.lab.analysis.scalability import Law, Point, by_stage, fit, points
from infra.lab.records import Record, Step
from tests.infra.lab.synthetic import record

pytestmark = pytest.mark.slow


def measured(law: Law, repeats: int, noise: float = 0.01) -> tuple[Point, ...]:
    wobble = [(at - (repeats - 1) / 2) * noise for at in range(repeats)]
    return tuple(Point(n, law.rate(n) * (1 + by), "made-up") for n in (1, 2, 3) for by in wobble)


def test_the_constants_are_found_again() -> None:
    made = fit(measured(Law(200, 0.05, 0.01), 3))
    assert made is not None
    assert made.law.one == pytest.approx(200, rel=0.01)
    assert made.law.wait == pytest.approx(0.05, abs=0.01)
    assert made.law.talk == pytest.approx(0.01, abs=0.003)
    assert made.law.best == pytest.approx(9.75, rel=0.1)


def test_the_interval_holds_the_truth_and_is_used_on_machines_with_room() -> None:
    truth = Law(200, 0.05, 0.01)
    made = fit(measured(truth, 5), cores=16)
    assert made is not None
    low, high = made.interval(6) or (0, 0)
    assert low < truth.rate(6) < high
    assert made.unusable == ""


def test_three_points_give_no_interval() -> None:
    made = fit(measured(Law(200, 0.05, 0.01), 1))
    assert made is not None
    assert made.interval(6) is None
    assert "three points fit three constants exactly" in made.unusable


def test_noise_that_allows_everything_is_said() -> None:
    made = fit(measured(Law(200, 0.05, 0.01), 3, noise=0.25), cores=16)
    assert made is not None
    assert "it allows everything from" in made.unusable


def test_instances_that_share_two_cores_forecast_nothing() -> None:
    made = fit(measured(Law(200, 0.4, 0.05), 5), cores=2)
    assert made is not None
    assert "shared 2 cores" in made.unusable


def test_two_numbers_of_instances_are_no_law() -> None:
    assert fit((Point(1, 100, "a"), Point(2, 190, "a"))) is None


def test_points_come_from_growth_runs_that_count() -> None:
    steps = (
        Step(50, 900, 100.0, 5, 9),
        Step(50, 900, 190.0, 5, 9, instances=2),
        Step(50, 900, 200.0, 5, 9, instances=3, generator_limit=True),
    )
    growth = record(3, kind="growth", steps=steps)
    void = record(3, seed=2, kind="growth", steps=steps, void="dropped")
    found = points([growth, void, record(3, steps=steps)])
    assert [(one.instances, one.rate) for one in found] == [(1, 100.0), (2, 190.0)]


def test_stages_are_fitted_apart() -> None:
    def growth(stage: int, times: float) -> Record:
        steps = tuple(Step(9, 900, times * n, 5, 9, instances=n) for n in (1, 2, 3))
        return record(stage, kind="growth", steps=steps)

    fits = by_stage([growth(3, 100), growth(5, 400), record(4)])
    assert {stage: round(made.law.one) for stage, made in fits.items() if made} == {3: 100, 5: 400}
