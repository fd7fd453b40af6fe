"""What the simulated people have seen is counted exactly, and only what was sent in the window."""

from __future__ import annotations

import pytest

from infra.lab.load.spec import PAGE_PICTURE
from infra.lab.load.tally import ROUNDS, Tally, latencies, quantile


def window(seconds: float) -> Tally:
    """Return a tally whose window is over."""
    return Tally(opened=100.0, closed=100.0 + seconds)


def test_quantiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(1, 1001)]
    assert quantile(values, 0.5) == 500
    assert quantile(values, 0.99) == 990
    assert latencies(values)["p999"] == 999
    assert latencies(values)["max"] == 1000
    assert quantile([7.0], 0.999) == 7.0


def test_no_answer_has_no_latency() -> None:
    assert set(latencies([]).values()) == {0.0}


def test_what_is_sent_before_or_after_the_window_is_not_counted() -> None:
    tally = window(10)
    tally.add("feed", began=99.9, ended=101.0)
    tally.add("feed", began=110.0, ended=110.1)
    tally.add("feed", began=109.9, ended=112.0)  # sent inside, answered after
    result = tally.result()
    assert result["totals"]["requests"] == 1
    assert result["operations"]["feed"]["max"] == pytest.approx(2100)
    assert result["outside"] == {"feed": 2}


def test_failures_are_told_apart_by_cause_and_have_no_latency() -> None:
    tally = window(10)
    tally.add("like", began=101.0, ended=101.01)
    tally.add("like", began=102.0, ended=107.0, cause="timeout")
    tally.add("like", began=103.0, ended=103.0, cause="503", sample="busy")
    row = tally.result()["operations"]["like"]
    assert row["failures"] == {"timeout": 1, "503": 1}
    assert (row["requests"], row["max"]) == (3, pytest.approx(10))
    assert row["rate"] == pytest.approx(0.1)
    assert tally.result()["last_failures"] == {"like": pytest.approx(3)}
    assert tally.result()["samples"]["like: 503"] == "busy"


def test_pictures_of_pages_are_counted_beside_the_operations() -> None:
    tally = window(10)
    tally.add("feed", began=101.0, ended=101.02)
    tally.add(PAGE_PICTURE, began=101.1, ended=101.9)
    tally.add(PAGE_PICTURE, began=102.1, ended=102.2, cause="404")
    result = tally.result()
    assert (result["totals"]["requests"], result["totals"]["failures"]) == (1, {})
    assert (result["pictures"]["requests"], result["pictures"]["failures"]) == (2, {"404": 1})
    assert sum(each["requests"] for each in result["rounds"]) == 1
    assert result["peak"] == 1
    assert result["last_failures"] == {PAGE_PICTURE: pytest.approx(2.2)}


def test_rounds_divide_the_run_and_lose_nothing() -> None:
    tally = window(10)
    for number in range(100):
        moment = 100 + number / 10
        tally.add("photo", began=moment, ended=moment + 0.002, cause="500" if number == 55 else "")
    tally.add("photo", began=109.9, ended=115.0)
    rounds = tally.result()["rounds"]
    assert len(rounds) == ROUNDS
    assert sum(each["requests"] for each in rounds) == 101
    assert [each["failed"] for each in rounds].index(1) == 5
    assert rounds[0]["operations"]["photo"] == pytest.approx(2)


def test_the_best_second_is_a_full_one() -> None:
    tally = window(2.5)
    for moment in (100.1, 100.2, 101.5, 102.1, 102.2, 102.3):
        tally.add("feed", began=moment, ended=moment)
    assert tally.result()["peak"] == 2
