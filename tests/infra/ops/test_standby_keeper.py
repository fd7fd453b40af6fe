"""Which standbys are present, and what the primary is told to wait for."""

from __future__ import annotations

import pytest

from infra.ops.standby_keeper import GRACE_SECONDS, SILENT_SECONDS, StandbyPresence

BOTH = "ANY 1 (replica1, replica2)"


@pytest.fixture
def presence() -> StandbyPresence:
    return StandbyPresence(["replica1", "replica2"], 0.0)


def test_one_standby_is_enough(presence: StandbyPresence) -> None:
    present = presence.observe({"replica2": "12:00:00"}, 0.2)
    assert (present, presence.setting(present, 0.2)) == (["replica2"], BOTH)


def test_without_a_standby_writes_stop_waiting_after_the_grace_period(
    presence: StandbyPresence,
) -> None:
    presence.observe({"replica1": "12:00:00"}, 5.0)
    assert presence.observe({}, 5.2) == []
    assert presence.setting([], 5.2) is None
    assert presence.setting([], 5.0 + GRACE_SECONDS) == ""


def test_a_frozen_standby_that_keeps_its_connection_is_not_present(
    presence: StandbyPresence,
) -> None:
    presence.observe({"replica1": "12:00:00"}, 1.0)
    assert presence.observe({"replica1": "12:00:00"}, 0.9 + SILENT_SECONDS) == ["replica1"]
    assert presence.observe({"replica1": "12:00:00"}, 1.1 + SILENT_SECONDS) == []
    assert presence.observe({"replica1": "12:00:09"}, 1.3 + SILENT_SECONDS) == ["replica1"]
