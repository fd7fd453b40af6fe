"""Which replicas must have a write before it is acknowledged."""

from __future__ import annotations

import pytest

from infra.ops.standby_keeper import GRACE_SECONDS, SILENT_SECONDS, Roll

BOTH = "ANY 1 (replica1, replica2)"


@pytest.fixture
def roll() -> Roll:
    return Roll(["replica1", "replica2"], 0.0)


def test_one_replica_is_enough(roll: Roll) -> None:
    there = roll.call({"replica2": "12:00:00"}, 0.2)
    assert (there, roll.wanted(there, 0.2)) == (["replica2"], BOTH)


def test_while_none_is_there_nobody_waits_but_not_at_once(roll: Roll) -> None:
    roll.call({"replica1": "12:00:00"}, 5.0)
    assert roll.call({}, 5.2) == []
    assert roll.wanted([], 5.2) is None
    assert roll.wanted([], 5.0 + GRACE_SECONDS) == ""


def test_a_replica_that_keeps_its_connection_and_says_nothing_is_not_there(roll: Roll) -> None:
    roll.call({"replica1": "12:00:00"}, 1.0)
    assert roll.call({"replica1": "12:00:00"}, 0.9 + SILENT_SECONDS) == ["replica1"]
    assert roll.call({"replica1": "12:00:00"}, 1.1 + SILENT_SECONDS) == []
    assert roll.call({"replica1": "12:00:09"}, 1.3 + SILENT_SECONDS) == ["replica1"]
