"""Intervals say what they claim, and chance is not taken for a change."""

from __future__ import annotations

import pytest
from numpy.random import default_rng

from infra.lab.analysis import intervals


def drawn(seed: int, mean: float, spread: float, count: int) -> list[float]:
    return [float(value) for value in default_rng(seed).normal(mean, spread, count)]


def test_five_percent_of_noise_between_runs_is_no_change() -> None:
    surprises = sum(
        intervals.of_runs(drawn(seed, 100, 5, 4), drawn(1000 + seed, 100, 5, 4)).sure
        for seed in range(300)
    )
    assert surprises < 30


def test_the_interval_of_runs_holds_the_true_ratio_nineteen_times_of_twenty() -> None:
    ratios = [
        intervals.of_runs(drawn(seed, 100, 5, 5), drawn(1000 + seed, 150, 7.5, 5))
        for seed in range(200)
    ]
    held = sum((one.low or 0) <= 1.5 <= (one.high or 0) for one in ratios)
    assert 180 <= held <= 200


def test_rounds_of_single_runs_find_a_doubling() -> None:
    ratio = intervals.of_rounds([drawn(3, 10, 1, 10)], [drawn(4, 20, 2, 10)])
    assert ratio.sure
    assert (ratio.low or 0) < 2.0 < (ratio.high or 0)


def test_the_same_values_give_the_same_interval() -> None:
    first, second = [[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]
    assert intervals.of_rounds(first, second) == intervals.of_rounds(first, second)


def test_runs_without_any_noise_have_an_exact_ratio() -> None:
    ratio = intervals.of_runs([2.0, 2.0], [4.0, 4.0])
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_three_failures_of_a_thousand_are_not_surely_more_than_one() -> None:
    ratio = intervals.of_failures((1, 1000), (3, 1000))
    assert ratio is not None
    assert not ratio.sure
    assert ratio.value == pytest.approx(3)


def test_thirty_failures_of_a_thousand_are_more_than_none() -> None:
    ratio = intervals.of_failures((0, 1000), (30, 1000))
    assert ratio is not None
    assert ratio.sure
    assert ratio.value == float("inf")


def test_two_clean_runs_have_no_ratio_of_errors() -> None:
    assert intervals.of_failures((0, 1000), (0, 1000)) is None


@pytest.mark.parametrize(("rate", "needed"), [(0.0001, 30_000), (0.001, 3_000), (0.01, 300)])
def test_a_claim_needs_three_over_its_rate_clean_requests(rate: float, needed: int) -> None:
    assert intervals.clean_requests_needed(rate) == needed
    assert intervals.largest_error_rate(0, needed) <= rate
    assert intervals.largest_error_rate(0, needed // 2) > rate


def test_the_bound_of_a_run_without_requests_is_everything() -> None:
    assert intervals.largest_error_rate(0, 0) == 1
