"""A cache that is off is found by comparing runs."""

from __future__ import annotations

import pytest

from infra.cluster import Cluster
from infra.lab.analysis.comparison import compare
from infra.lab.data_set import DataSet
from infra.lab.measure.stress import load_for, stress
from infra.lab.measure.target import Target
from infra.lab.records import Record
from infra.lab.records.selection import Side
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages"), pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def target(stage5: Cluster) -> Target:
    """Return Stage 5 with its small data set."""
    return Target(stage5, 5, DataSet(users=60, follows=10, photos=300, likes=900), PASSWORD)


def reads(target: Target) -> Record:
    load = load_for(target, users=8, seconds=4, profile="reads", think=0.05, checks=0)
    return stress(target, load)[0]


def test_a_cache_that_is_off_is_seen_in_queries_and_not_in_errors(target: Target) -> None:
    reads(target)  # fills the cache
    warm = reads(target)
    target.cluster.stop("redis")
    try:
        cold = reads(target)
    finally:
        target.cluster.start("redis")
    rows = compare([Side("on", (warm,)), Side("off", (cold,))])
    found = {row.name: row.others[0].verdict for row in rows}
    assert found["queries per request"] == "worse"
    assert found["error rate"] == "same"
