"""Collecting keeps every record at once, tells how long it takes, and goes on after a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.lab.collecting import Part, Progress, Suite, collect
from infra.lab.records import Record
from infra.lab.records.storage import load_all
from tests.infra.lab.synthetic import record


class StageBroke(Exception):
    """What a part may fail with."""


@contextmanager
def up(number: int) -> Iterator[int]:
    if number == 4:
        raise StageBroke("port taken")
    yield number


def measures(number: int) -> Iterator[Record]:
    yield record(number, seed=1)
    yield record(number, seed=2)


def fails(number: int) -> Iterator[Record]:
    yield record(number, seed=3)
    raise StageBroke("redis is gone")


def suite(*runs: Callable[[int], Iterator[Record]]) -> Suite[int]:
    parts = tuple(Part(run.__name__, 100.0, run) for run in runs)
    return Suite(parts, up, 20.0, (StageBroke,))


def run(made: Suite[int], stages: list[int], folder: Path) -> tuple[Progress, str]:
    told: list[str] = []
    return collect(made, stages, folder, told.append), "\n".join(told)


def test_every_record_is_stored_and_the_rest_of_the_time_told(tmp_path: Path) -> None:
    _, told = run(suite(measures), [1, 2], tmp_path)
    assert [one.stage for one in load_all(tmp_path)] == [1, 1, 2, 2]
    assert "Stage 1: starting; about 4 min left" in told
    assert "Stage 2: measures; about 2 min left" in told


def test_a_part_that_fails_costs_no_other_its_records(tmp_path: Path) -> None:
    progress, told = run(suite(fails, measures), [1], tmp_path)
    assert len(load_all(tmp_path)) == 3
    assert progress.failed == ["stage 1, fails"]
    assert "Not measured: stage 1, fails: redis is gone" in told


def test_a_stage_that_does_not_start_costs_no_other(tmp_path: Path) -> None:
    progress, told = run(suite(measures), [4, 5], tmp_path)
    assert {one.stage for one in load_all(tmp_path)} == {5}
    assert progress.failed == ["stage 4"]
    assert "Stage 5: starting; about 2 min left" in told


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path) -> None:
    def interrupted(number: int) -> Iterator[Record]:
        yield record(number)
        raise KeyboardInterrupt

    _, told = run(suite(interrupted, measures), [1, 2], tmp_path)
    assert len(load_all(tmp_path)) == 1
    assert "Ended by hand; 1 records are kept." in told


def test_parts_can_be_picked_by_name() -> None:
    made = suite(measures, fails)
    assert [part.name for part in made.only(["fails"]).of_stage(3)] == ["fails"]
    with pytest.raises(ValueError, match=r"No part is called 'lunch'\. There are: measures"):
        made.only(["lunch"])


def test_a_part_belongs_to_some_stages_only() -> None:
    made = Suite((Part("growth", 90.0, measures, (3, 4, 5)),), up, 10.0, ())
    assert made.seconds([1, 2, 3]) == 3 * 10 + 90
