"""Which servers answer, judged from what looks at them found."""

from __future__ import annotations

import pytest

from minigram_site.db.replica_set import (
    MAX_LAG_BYTES,
    MAX_LAG_SECONDS,
    VALID_SECONDS,
    Observation,
    ReplicaSet,
)


def primary(position: int) -> Observation:
    return Observation(is_replica=False, position=position)


def replica(position: int, age: float | None = 0.0) -> Observation:
    return Observation(is_replica=True, position=position, age=age)


@pytest.fixture
def standing() -> ReplicaSet:
    """Return a primary and two replicas that are used and level at position 1000, at time 1."""
    standing = ReplicaSet(["replica1", "replica2"])
    for now in (0.0, 1.0):
        standing.report("default", primary(1000), now)
        standing.report("replica1", replica(1000), now)
        standing.report("replica2", replica(1000), now)
    return standing


def able(standing: ReplicaSet, now: float, position: int = 0) -> set[str]:
    return set(standing.able(position, 0, now))


def test_nothing_is_used_before_it_was_seen_twice() -> None:
    standing = ReplicaSet(["replica1"])
    assert able(standing, 0) == set()
    standing.report("replica1", replica(1), 0.0)
    assert able(standing, 0) == set()
    standing.report("replica1", replica(1), 0.25)
    assert able(standing, 0.25) == {"replica1"}


def test_one_failure_is_enough_and_two_good_looks_bring_it_back(standing: ReplicaSet) -> None:
    standing.failed("replica1", "connection refused")
    assert able(standing, 1) == {"replica2"}
    standing.report("replica1", replica(1000), 1.25)
    assert able(standing, 1.25) == {"replica2"}
    standing.report("replica1", replica(1000), 1.5)
    assert able(standing, 1.5) == {"replica1", "replica2"}


def test_a_replica_that_is_behind_a_position_does_not_answer_for_it(standing: ReplicaSet) -> None:
    standing.report("replica2", replica(1010), 1.25)
    assert able(standing, 1.25, position=1010) == {"replica2"}
    assert able(standing, 1.25, position=1011) == set()


def test_a_replica_that_lacks_much_is_left_out(standing: ReplicaSet) -> None:
    standing.report("default", primary(1001 + MAX_LAG_BYTES), 1.25)
    standing.report("replica1", replica(1000), 1.25)
    standing.report("replica2", replica(1001), 1.25)
    assert able(standing, 1.25) == {"replica2"}


def test_a_replica_that_lacks_little_for_long_is_left_out(standing: ReplicaSet) -> None:
    standing.report("default", primary(1001), 2)
    standing.report("replica1", replica(1000), 2 + MAX_LAG_SECONDS)
    standing.report("replica2", replica(1000), 2.5 + MAX_LAG_SECONDS)
    assert able(standing, 2.5 + MAX_LAG_SECONDS - 0.4) == {"replica1"}


def test_on_an_idle_primary_nobody_lags(standing: ReplicaSet) -> None:
    for name in ("default", "replica1", "replica2"):
        look = primary(1000) if name == "default" else replica(1000, age=7200)
        standing.report(name, look, 7200)
    assert able(standing, 7200) == {"replica1", "replica2"}


def test_the_first_write_after_hours_makes_nobody_lag(standing: ReplicaSet) -> None:
    standing.report("default", primary(1000), 7200)
    standing.report("default", primary(1500), 7200.25)
    standing.report("replica1", replica(1000, age=7200), 7200.5)
    assert able(standing, 7200.5) == {"replica1"}


def test_what_was_missing_before_anybody_looked_counts() -> None:
    standing = ReplicaSet(["replica1"])
    for now in (0.0, 0.25, 0.5):
        standing.report("default", primary(2000), now)
        standing.report("replica1", replica(1000, age=600), now)
    assert able(standing, 0.5) == set()


def test_a_replica_that_became_a_primary_is_left_out(standing: ReplicaSet) -> None:
    standing.report("replica1", primary(9000), 1.25)
    assert able(standing, 1.25) == {"replica2"}
    assert standing.furthest(1.25) == ["replica2"]


def test_a_server_that_nobody_can_look_at_any_more_is_left_out(standing: ReplicaSet) -> None:
    assert able(standing, 0.9 + VALID_SECONDS) == {"replica1", "replica2"}
    assert able(standing, 1.1 + VALID_SECONDS) == set()


def test_a_person_comes_to_the_same_replica_and_people_are_spread(standing: ReplicaSet) -> None:
    first = {person: standing.able(0, person, 1)[0] for person in range(1, 41)}
    assert first == {person: standing.able(0, person, 1)[0] for person in first}
    assert 10 < list(first.values()).count("replica1") < 30


@pytest.mark.parametrize("milliseconds", [1, 2, 3, 1000, 1152])
def test_people_who_came_at_even_intervals_are_spread_as_well(
    standing: ReplicaSet, milliseconds: int
) -> None:
    ids = [132293314215936000 + (milliseconds * number << 22) for number in range(100)]
    first = [standing.able(0, person, 1)[0] for person in ids]
    assert 30 < first.count("replica1") < 70


def test_visitors_take_turns(standing: ReplicaSet) -> None:
    assert {standing.able(0, 0, 1)[0] for _ in range(2)} == {"replica1", "replica2"}


def test_the_primary_is_gone_after_two_bad_looks_not_after_one(standing: ReplicaSet) -> None:
    standing.failed("default", "time-out")
    assert not standing.primary_is_gone(1)
    standing.failed("default", "connection refused")
    assert standing.primary_is_gone(1)


def test_a_primary_that_nobody_has_looked_at_is_not_gone() -> None:
    assert not ReplicaSet(["replica1"]).primary_is_gone(0)


def test_without_a_primary_the_most_advanced_replica_comes_first(standing: ReplicaSet) -> None:
    standing.report("replica2", replica(1200), 1.25)
    standing.report("replica1", replica(1100), 1.25)
    assert standing.furthest(1.25) == ["replica2", "replica1"]
