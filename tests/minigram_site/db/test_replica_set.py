"""Which servers may be used, judged from observations."""

from __future__ import annotations

import pytest

from minigram_site.db.replica_set import (
    MAX_LAG_BYTES,
    MAX_LAG_SECONDS,
    OBSERVATION_TTL_SECONDS,
    ReplicaSet,
)
from minigram_site.db.wal import Observation


def primary(lsn: int, timeline: int = 1) -> Observation:
    return Observation(is_replica=False, lsn=lsn, timeline=timeline)


def replica(lsn: int, age: float | None = 0.0, timeline: int = 1) -> Observation:
    return Observation(is_replica=True, lsn=lsn, seconds_since_commit=age, timeline=timeline)


@pytest.fixture
def replica_set() -> ReplicaSet:
    """Return a primary and two replicas that are used and level at LSN 1000, at time 1."""
    replica_set = ReplicaSet(["replica1", "replica2"])
    for now in (0.0, 1.0):
        replica_set.record("default", primary(1000), now)
        replica_set.record("replica1", replica(1000), now)
        replica_set.record("replica2", replica(1000), now)
    return replica_set


def caught_up(replica_set: ReplicaSet, now: float, lsn: int = 0) -> set[str]:
    return set(replica_set.caught_up(lsn, 0, now))


def test_no_server_is_used_before_it_was_observed_twice() -> None:
    replica_set = ReplicaSet(["replica1"])
    assert caught_up(replica_set, 0) == set()
    replica_set.record("replica1", replica(1), 0.0)
    assert caught_up(replica_set, 0) == set()
    replica_set.record("replica1", replica(1), 0.25)
    assert caught_up(replica_set, 0.25) == {"replica1"}


def test_one_failure_is_enough_and_two_successes_bring_it_back(replica_set: ReplicaSet) -> None:
    replica_set.record_failure("replica1", "connection refused")
    assert caught_up(replica_set, 1) == {"replica2"}
    replica_set.record("replica1", replica(1000), 1.25)
    assert caught_up(replica_set, 1.25) == {"replica2"}
    replica_set.record("replica1", replica(1000), 1.5)
    assert caught_up(replica_set, 1.5) == {"replica1", "replica2"}


def test_a_lost_primary_is_back_with_its_first_answer(replica_set: ReplicaSet) -> None:
    replica_set.record_failure("default", "connection refused", at_once=True)
    assert replica_set.primary_is_down(1)
    replica_set.record("default", primary(1000), 1.25)
    assert not replica_set.primary_is_down(1.25)


def test_a_replica_that_is_behind_an_lsn_does_not_answer_for_it(replica_set: ReplicaSet) -> None:
    replica_set.record("replica2", replica(1010), 1.25)
    assert caught_up(replica_set, 1.25, lsn=1010) == {"replica2"}
    assert caught_up(replica_set, 1.25, lsn=1011) == set()


def test_a_replica_that_lacks_much_is_left_out(replica_set: ReplicaSet) -> None:
    replica_set.record("default", primary(1001 + MAX_LAG_BYTES), 1.25)
    replica_set.record("replica1", replica(1000), 1.25)
    replica_set.record("replica2", replica(1001), 1.25)
    assert caught_up(replica_set, 1.25) == {"replica2"}


def test_a_replica_that_lacks_little_for_long_is_left_out(replica_set: ReplicaSet) -> None:
    replica_set.record("default", primary(1001), 2)
    replica_set.record("replica1", replica(1000), 2 + MAX_LAG_SECONDS)
    replica_set.record("replica2", replica(1000), 2.5 + MAX_LAG_SECONDS)
    assert caught_up(replica_set, 2.5 + MAX_LAG_SECONDS - 0.4) == {"replica1"}


def test_on_an_idle_primary_nobody_lags(replica_set: ReplicaSet) -> None:
    for name in ("default", "replica1", "replica2"):
        observation = primary(1000) if name == "default" else replica(1000, age=7200)
        replica_set.record(name, observation, 7200)
    assert caught_up(replica_set, 7200) == {"replica1", "replica2"}


def test_the_first_write_after_hours_makes_nobody_lag(replica_set: ReplicaSet) -> None:
    replica_set.record("default", primary(1000), 7200)
    replica_set.record("default", primary(1500), 7200.25)
    replica_set.record("replica1", replica(1000, age=7200), 7200.5)
    assert caught_up(replica_set, 7200.5) == {"replica1"}


def test_lag_from_before_the_first_observation_counts() -> None:
    replica_set = ReplicaSet(["replica1"])
    for now in (0.0, 0.25, 0.5):
        replica_set.record("default", primary(2000), now)
        replica_set.record("replica1", replica(1000, age=600), now)
    assert caught_up(replica_set, 0.5) == set()


def test_a_replica_that_became_a_primary_is_left_out(replica_set: ReplicaSet) -> None:
    replica_set.record("replica1", primary(9000), 1.25)
    assert caught_up(replica_set, 1.25) == {"replica2"}
    assert replica_set.most_advanced(1.25) == ["replica2"]


def test_a_server_that_is_observed_no_longer_is_left_out(replica_set: ReplicaSet) -> None:
    assert caught_up(replica_set, 0.9 + OBSERVATION_TTL_SECONDS) == {"replica1", "replica2"}
    assert caught_up(replica_set, 1.1 + OBSERVATION_TTL_SECONDS) == set()


def test_an_account_keeps_its_replica_and_accounts_are_spread(replica_set: ReplicaSet) -> None:
    first = {user_id: replica_set.caught_up(0, user_id, 1)[0] for user_id in range(1, 41)}
    assert first == {user_id: replica_set.caught_up(0, user_id, 1)[0] for user_id in first}
    assert 10 < list(first.values()).count("replica1") < 30


@pytest.mark.parametrize("milliseconds", [1, 2, 3, 1000, 1152])
def test_accounts_made_at_even_intervals_are_spread_as_well(
    replica_set: ReplicaSet, milliseconds: int
) -> None:
    ids = [132293314215936000 + (milliseconds * number << 22) for number in range(100)]
    first = [replica_set.caught_up(0, user_id, 1)[0] for user_id in ids]
    assert 30 < first.count("replica1") < 70


def test_visitors_take_turns(replica_set: ReplicaSet) -> None:
    assert {replica_set.caught_up(0, 0, 1)[0] for _ in range(2)} == {"replica1", "replica2"}


def test_the_primary_is_down_after_two_failures_not_after_one(replica_set: ReplicaSet) -> None:
    replica_set.record_failure("default", "time-out")
    assert not replica_set.primary_is_down(1)
    replica_set.record_failure("default", "connection refused")
    assert replica_set.primary_is_down(1)


def test_a_primary_that_was_never_observed_is_not_down() -> None:
    assert not ReplicaSet(["replica1"]).primary_is_down(0)


def test_without_a_primary_the_most_advanced_replica_comes_first(replica_set: ReplicaSet) -> None:
    replica_set.record("replica2", replica(1200), 1.25)
    replica_set.record("replica1", replica(1100), 1.25)
    assert replica_set.most_advanced(1.25) == ["replica2", "replica1"]


def test_a_primary_that_was_promoted_without_the_last_writes_makes_nobody_lag(
    replica_set: ReplicaSet,
) -> None:
    """The former one had written more than it had acknowledged."""
    replica_set.record("default", primary(5000), 2)
    replica_set.record("default", primary(1100, timeline=2), 3)
    for now in (3.0, 3.25, 3.5 + MAX_LAG_SECONDS, 3.75 + MAX_LAG_SECONDS):
        replica_set.record("default", primary(1100, timeline=2), now)
        replica_set.record("replica2", replica(1100, timeline=2), now)
    assert caught_up(replica_set, 3.75 + MAX_LAG_SECONDS, lsn=1100) == {"replica2"}


def test_a_server_with_a_history_of_its_own_does_not_answer(replica_set: ReplicaSet) -> None:
    """As a former primary, started again as a replica, with writes that nobody else has."""
    replica_set.record("default", primary(1100, timeline=2), 2)
    replica_set.record("replica1", replica(5000, timeline=1), 2)
    replica_set.record("replica2", replica(1100, timeline=2), 2)
    assert caught_up(replica_set, 2, lsn=1050) == {"replica2"}
    assert replica_set.most_advanced(2) == ["replica2"]
    for now in (2.25, 2.5):
        replica_set.record("replica1", replica(1100, timeline=2), now)
    assert caught_up(replica_set, 2.5, lsn=1050) == {"replica1", "replica2"}


def test_the_host_of_the_primary_is_no_replica_until_it_follows_another() -> None:
    """Where ``DATABASE_URL`` names several hosts each of them is one of the servers."""
    replica_set = ReplicaSet(["replica1", "replica2", "replica3"])
    for now in (0.0, 1.0):
        replica_set.record("default", primary(1000), now)
        replica_set.record("replica1", primary(1000), now)
        for name in ("replica2", "replica3"):
            replica_set.record(name, replica(1000), now)
    first = [replica_set.caught_up(0, user_id, 1)[0] for user_id in range(1, 101)]
    assert 30 < first.count("replica2") < 70
    assert 30 < first.count("replica3") < 70
    for now in (2.0, 2.25):
        replica_set.record("default", primary(1100, timeline=2), now)
        replica_set.record("replica2", primary(1100, timeline=2), now)
        for name in ("replica1", "replica3"):
            replica_set.record(name, replica(1100, timeline=2), now)
    assert caught_up(replica_set, 2.25, lsn=1100) == {"replica1", "replica3"}
