"""A comparison finds what was broken on purpose, and takes noise for noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.lab.analysis.comparison import Row, compare, warnings, worse
from infra.lab.records import CacheLookups, Database, Record
from infra.lab.records.selection import Side, side
from infra.lab.records.storage import RecordInvalid, store
from infra.lab.report.comparison_table import comparison_table
from tests.infra.lab.synthetic import operation, record


def one(name: str, **given: Any) -> Side:
    return Side(name, (record(stage=5, **given),))


def rows_of(first: Side, *others: Side) -> dict[str, Row]:
    return {row.name: row for row in compare([first, *others])}


def verdicts(first: Side, other: Side) -> dict[str, str]:
    return {name: row.others[0].verdict for name, row in rows_of(first, other).items()}


def test_the_same_thing_measured_twice_is_the_same() -> None:
    assert set(verdicts(one("a", seed=1), one("b", seed=2)).values()) == {"same"}


def test_a_dropped_feed_index_is_seen_in_the_feed_and_not_in_the_likes() -> None:
    found = verdicts(one("with"), one("without", seed=2, slow={"feed": 6, "feed, next page": 9}))
    assert found["feed: median"] == found["feed, next page: median"] == "worse"
    assert found["like: median"] == found["photo: median"] == "same"


def test_a_cache_that_is_off_is_seen_in_queries_and_hits() -> None:
    warm = one("on", cache={"feed": CacheLookups(900, 50, 50)}, database=Database(150, 0.5))
    cold = one("off", seed=2, cache={"feed": CacheLookups(0, 0, 1000)}, database=Database(450, 3.0))
    found = verdicts(warm, cold)
    assert found["queries per request"] == "worse"
    assert found["cache hit rate"] == found["feed: cache hit rate"] == "worse"
    assert found["rate"] == "same"


def test_an_instance_that_fails_is_seen_in_errors() -> None:
    failing = operation(8.0, "all", 9_000, rate=150, failures={"502": 60})
    found = verdicts(one("sound"), one("failing", seed=2, totals=failing))
    assert found["error rate"] == "worse"


def test_an_instance_that_answers_nothing_is_seen_in_the_balance() -> None:
    even = one("even", answers={"web1": 300, "web2": 305, "web3": 298})
    uneven = one("uneven", seed=2, answers={"web1": 450, "web2": 440, "web3": 0})
    assert verdicts(even, uneven)["busiest against idlest instance"] == "worse"


def test_single_runs_must_differ_by_more_than_the_machine_drifts() -> None:
    found = verdicts(one("a", rate=150), one("b", rate=170, seed=2))
    assert found["rate"] == "same"


def test_repeated_runs_show_a_difference_that_single_ones_cannot() -> None:
    before = Side("a", tuple(record(rate=rate, seed=at) for at, rate in enumerate((150, 151, 149))))
    after = Side("b", tuple(record(rate=rate, seed=at) for at, rate in enumerate((170, 171, 169))))
    assert verdicts(before, after)["rate"] == "better"
    assert verdicts(after, before)["rate"] == "worse"


def test_three_sides_are_compared_with_the_first() -> None:
    sides = [one("a"), one("b", seed=2, rate=600), one("c", seed=3, rate=20)]
    rate = rows_of(*sides)["rate"]
    assert [cell.verdict for cell in rate.others] == ["better", "worse"]
    shown = comparison_table(sides, compare(sides))
    assert shown.headings[:2] == ("figure", "a")
    assert len(shown.headings) == 2 + 2 * 4
    assert worse(compare(sides)) == ["rate"]


def test_the_interval_is_shown_with_every_ratio() -> None:
    shown = comparison_table(
        [one("a"), one("b", seed=2, rate=600)], compare([one("a"), one("b", rate=600)])
    )
    (rate,) = (row for row in shown.rows if row[0] == "rate")
    assert rate[3] == "4.00"
    low, _, high = rate[4].partition(" to ")
    assert float(low) < 4 < float(high)


def test_sides_that_were_asked_different_things_are_told() -> None:
    busy = replace(record().load, users=500)
    told = " ".join(warnings([one("a"), one("b", load=busy, void="dropped requests")]))
    assert "The load differs: 100 users, mix, closed loop / 500 users" in told
    assert "does not count: dropped requests" in told


def repeated(*commits: str) -> list[Record]:
    return [record(3, seed=at, commit=commit) for at, commit in enumerate(commits)]


def test_a_stage_means_the_runs_that_repeat_its_newest() -> None:
    runs = side("stage3", repeated("aaaa000", "bbbb000", "bbbb000")).runs
    assert [run.commit for run in runs] == ["bbbb000", "bbbb000"]


def test_a_commit_can_be_named() -> None:
    assert len(side("3@aaaa", repeated("aaaa000", "bbbb000", "bbbb000")).runs) == 1


def test_void_runs_stand_for_no_stage() -> None:
    void = record(3, seed=9, void="the generator was the limit")
    assert side("3", [record(3), void]).runs == (record(3),)
    with pytest.raises(RecordInvalid, match="no mix stress run of 3 that counts"):
        side("3", [void])


def test_a_record_can_be_named_by_its_file_or_its_name(tmp_path: Any) -> None:
    path = store(record(3), tmp_path)
    assert side(str(path), []).runs == (record(3),)
    assert side("stage3-stress-mix", [record(3)]).runs == (record(3),)
    with pytest.raises(RecordInvalid, match="There are: stage3-stress-mix"):
        side("stage9", [record(3)])
