"""Faults that were planted in a running stage are found by comparing its runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.cluster import Cluster
from infra.lab.analysis.comparison import compare
from infra.lab.data_set import DataSet
from infra.lab.load.spec import FEED, LIKE
from infra.lab.measure.stress import load_for, stress
from infra.lab.measure.target import Target, stage
from infra.lab.records import Record
from infra.lab.records.selection import Side
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages"), pytest.mark.timeout(120)]
# Enough feed entries for a search without an index to be seen.
SIZES = DataSet(users=300, follows=50, photos=3000, likes=3000)
FEED_KEY = "social_feedentry_pkey"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """Start Stage 3 with enough in it."""
    with stage(3, SIZES, lambda _: None) as target:
        yield target


def measured(target: Target, mix: dict[str, float], **more: Any) -> Record:
    load = load_for(target, users=8, seconds=4, mix=mix, think=0.05, checks=0, **more)
    return stress(target, load)[0]


def verdicts(sound: Record, faulty: Record) -> dict[str, str]:
    rows = compare([Side("sound", (sound,)), Side("faulty", (faulty,))])
    return {row.name: row.others[0].verdict for row in rows}


@pytest.fixture(scope="module")
def sound(target: Target) -> Record:
    """Measure feeds and some likes while nothing is wrong."""
    return measured(target, {FEED: 3, LIKE: 1})


def test_a_dropped_index_of_the_feed_is_seen(target: Target, sound: Record) -> None:
    drop = f"ALTER TABLE social_feedentry DROP CONSTRAINT {FEED_KEY}"
    target.cluster.sql("postgres", drop)
    try:
        found = verdicts(sound, measured(target, {FEED: 3, LIKE: 1}))
    finally:
        key = "PRIMARY KEY (owner_id, photo_id)"
        back = f"ALTER TABLE social_feedentry ADD CONSTRAINT {FEED_KEY} {key}"
        target.cluster.sql("postgres", back)
    assert found["rows looked at per request"] == "worse"
    assert found["error rate"] == "same"


def test_an_instance_that_is_down_is_seen(target: Target, sound: Record) -> None:
    target.cluster.kill("web2")
    try:
        found = verdicts(sound, measured(target, {FEED: 3, LIKE: 1}))
    finally:
        target.cluster.start("web2")
    assert found["busiest against idlest instance"] == "worse"


@pytest.fixture(scope="module")
def cached_target(stage5: Cluster) -> Target:
    """Return Stage 5 with its small data set."""
    return Target(stage5, 5, DataSet(users=60, follows=10, photos=300, likes=900), PASSWORD)


def reads(target: Target) -> Record:
    load = load_for(target, users=8, seconds=4, profile="reads", think=0.05, checks=0)
    return stress(target, load)[0]


def test_a_cache_that_is_off_is_seen_in_queries_and_not_in_errors(cached_target: Target) -> None:
    reads(cached_target)  # fills the cache
    warm = reads(cached_target)
    cached_target.cluster.stop("redis")
    try:
        cold = reads(cached_target)
    finally:
        cached_target.cluster.start("redis")
    rows = compare([Side("on", (warm,)), Side("off", (cold,))])
    found = {row.name: row.others[0].verdict for row in rows}
    assert found["queries per request"] == "worse"
    assert found["error rate"] == "same"
