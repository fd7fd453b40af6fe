"""A run says why it is void, and what has disturbed it."""

from __future__ import annotations

from typing import Any

import psutil

from infra.lab.measure.observer import Observation
from infra.lab.measure.stress import notes, void_reason
from infra.lab.records import Database, Group


def seen(**changes: Any) -> Observation:
    values: dict[str, Any] = {
        "seconds": 10,
        "groups": {"web": Group(1, 5, 100)},
        "database": Database(),
        "cache": {},
        "answers": {},
        "rounds": [],
        "busy": 6,
        "own": 0.1,
        "overhead": 0.005,
    }
    return Observation(**{**values, **changes})


def result(**own: Any) -> dict[str, Any]:
    generator = {"cpu_share_of_core": 0.1, "dropped": 0, "late": 0, "limit": False, **own}
    return {
        "generator": generator,
        "operations": {},
        "history": {},
        "samples": {},
        "stopped_early": False,
    }


def test_a_run_whose_generator_was_the_limit_is_void_and_says_why() -> None:
    assert void_reason(result()) == ""
    assert "90% of a core" in void_reason(result(cpu_share_of_core=0.9, limit=True))
    assert "7 requests late" in void_reason(result(late=7, limit=True))


def test_what_disturbs_the_figures_is_said() -> None:
    assert notes(result(), seen()) == []
    busy = (psutil.cpu_count() or 1) * 10
    assert "Other processes" in notes(result(), seen(busy=busy))[0]
    assert "Measuring took" in notes(result(), seen(overhead=0.1))[0]
    hashing = {**result(), "operations": {"log in": {}}}
    assert "by design" in notes(hashing, seen())[0]
