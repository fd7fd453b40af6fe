"""A load that the machine cannot hold is refused before it begins."""

from __future__ import annotations

import pytest

from infra.lab.load.driver import CannotMeasure, check_machine


def test_more_people_than_the_machine_can_hold_are_refused_with_advice() -> None:
    with pytest.raises(CannotMeasure, match="--users"):
        check_machine(10**9)
