"""Every stage comes up from real servers and serves people; parts can be lost and come back."""

from __future__ import annotations

import pytest

from infra.cluster import Cluster

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]


def test_up_again_changes_nothing(stage3: Cluster) -> None:
    before = {part.name: stage3.part(part.name).pid for part in stage3.parts}
    stage3.up(3)
    assert {part.name: stage3.part(part.name).pid for part in stage3.parts} == before
