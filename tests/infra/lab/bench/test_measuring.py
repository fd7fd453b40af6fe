"""Contestants are measured in turn, and what cannot be measured says why."""

from __future__ import annotations

import shutil

import pytest

from infra.lab.bench.contestants import Statements
from infra.lab.bench.measuring import Extent, measure
from infra.lab.bench.rows import Row
from tests.infra.lab.bench.sites import small_site

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
ROW = Row("three requests", one_by_one=3)


def test_contestants_take_turns_and_each_round_begins_with_another() -> None:
    turns: list[str] = []
    with small_site("a") as a, small_site("b") as b:
        for site in (a, b):
            site.paths, site.turns = ("/check", "/1", "/2", "/3"), turns
        cells = measure([a, b], Extent(rounds=3, rows=[ROW]), lambda _: None)
    assert turns == ["a", "b", "b", "a", "a", "b"]
    assert a.asked == 3 * ["GET /check", "GET /1", "GET /2", "GET /3"]
    assert len(cells["a", ROW.name].samples) == len(cells["b", ROW.name].samples) == 3


def test_statements_and_cpu_are_those_of_one_request() -> None:
    with small_site() as site:
        site.paths = ("/check", "/1", "/2", "/3")
        cell = measure([site], Extent(rounds=1, rows=[ROW]), lambda _: None)["small", ROW.name]
    assert cell.statements == Statements(sent=2, checks=1)
    assert cell.all_ms == cell.kind_ms("site")
    assert cell.all_ms is not None
    assert cell.all_ms > 0
    assert cell.kind_ms("Redis") is None


def test_a_row_that_is_refused_is_asked_for_once_and_says_so() -> None:
    with small_site() as site:
        site.paths = ("/missing",)
        cells = measure([site], Extent(rounds=3, rows=[ROW]), lambda _: None)
    assert site.asked == ["GET /missing"]
    assert cells["small", ROW.name].missing == "GET /missing answered 404"
    assert cells["small", ROW.name].all_ms is None


def test_a_row_that_is_refused_later_counts_for_nothing() -> None:
    with small_site() as site:
        site.paths = ("/check", "/1", "/missing", "/3")
        cells = measure([site], Extent(rounds=1, rows=[ROW]), lambda _: None)
    assert "of 3 requests 1 were refused" in cells["small", ROW.name].missing


def test_a_contestant_without_such_requests_is_left_out() -> None:
    with small_site() as site:
        site.paths = ()
        cells = measure([site], Extent(rounds=1, rows=[ROW]), lambda _: None)
    assert cells["small", ROW.name].missing == "not there"


@needs_wrk
@pytest.mark.slow
def test_a_time_that_brings_no_answer_is_made_longer() -> None:
    with small_site() as site:
        site.paths = ("/takes-two-seconds",)
        cell = measure(
            [site], Extent(rounds=1, seconds=1, rows=[Row("slow", connections=2)]), lambda _: None
        )["small", "slow"]
    assert cell.missing == ""
    assert cell.samples[0].per_second > 0
