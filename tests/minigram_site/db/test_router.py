"""Which server a request reads from and writes to."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from django import db
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from accounts.models import User
from minigram_site.db import lsn, monitor, router
from minigram_site.db.context import mark_written, request_context
from minigram_site.db.lsn_mmap import LsnTable
from minigram_site.db.replica_set import ReplicaSet
from minigram_site.db.wal import Observation

pytestmark = pytest.mark.django_db(transaction=True)

REPLICAS = ["replica1", "replica2"]


@pytest.fixture(autouse=True)
def replica_set(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Iterator[ReplicaSet]:
    """Return two replicas at LSN 1000; their aliases lead to the test's own database."""
    settings.REPLICAS = REPLICAS
    settings.DATABASE_ROUTERS = ["minigram_site.db.router.ReadWriteRouter"]
    for alias in REPLICAS:
        connections[alias] = connections["default"]
    monkeypatch.setattr(db.router, "routers", [router.ReadWriteRouter()])
    monkeypatch.setattr(lsn, "_table", LsnTable(tmp_path / "lsns"))
    observer = monitor.Monitor()
    monkeypatch.setattr(monitor, "_monitor", observer)
    for _ in range(2):
        observer.replica_set.record("default", Observation(is_replica=False, lsn=1000), monotonic())
        for alias in REPLICAS:
            observer.replica_set.record(alias, Observation(is_replica=True, lsn=1000), monotonic())
    yield observer.replica_set
    for alias in REPLICAS:
        del connections[alias]


def test_outside_requests_everything_is_on_the_primary() -> None:
    assert db.router.db_for_read(User) == db.router.db_for_write(User) == "default"


def test_a_request_that_writes_reads_from_the_primary() -> None:
    with request_context(may_use_replica=False):
        assert router.read_alias() == "default"


def test_a_request_that_only_reads_reads_from_a_replica_and_stays_with_it() -> None:
    with request_context(may_use_replica=True):
        chosen = router.read_alias()
        assert chosen in REPLICAS
        assert {db.router.db_for_read(User) for _ in range(5)} == {chosen}
        assert db.router.db_for_write(User) == "default"


def test_visitors_are_spread_over_the_replicas() -> None:
    chosen = set()
    for _ in range(4):
        with request_context(may_use_replica=True):
            chosen.add(router.read_alias())
    assert chosen == set(REPLICAS)


def test_after_a_write_the_request_reads_from_the_primary() -> None:
    with request_context(may_use_replica=True):
        assert router.read_alias() in REPLICAS
        mark_written()
        assert router.read_alias() == "default"


def test_inside_a_transaction_reads_are_on_the_primary() -> None:
    with request_context(may_use_replica=True):
        with transaction.atomic():
            assert router.read_alias() == "default"
        assert router.read_alias() in REPLICAS


def test_sessions_and_blocks_that_ask_for_it_are_read_from_the_primary() -> None:
    with request_context(may_use_replica=True):
        assert db.router.db_for_read(Session) == "default"
        with router.on_primary():
            assert db.router.db_for_read(User) == "default"
        assert db.router.db_for_read(User) in REPLICAS


def test_an_lsn_that_the_client_sends_is_required_of_the_replica(replica_set: ReplicaSet) -> None:
    replica_set.record("replica2", Observation(is_replica=True, lsn=1001), monotonic())
    for _ in range(3):
        with request_context(may_use_replica=True, required_lsn=1001):
            assert router.read_alias() == "replica2"
    with request_context(may_use_replica=True, required_lsn=1002):
        assert router.read_alias() == "default"


def test_who_wrote_reads_from_the_primary_until_a_replica_has_it(replica_set: ReplicaSet) -> None:
    lsn.record_write(77, 1001)
    with request_context(may_use_replica=True):
        router.set_user(77)
        assert router.read_alias() == "default"
    replica_set.record("replica1", Observation(is_replica=True, lsn=1001), monotonic())
    with request_context(may_use_replica=True):
        router.set_user(77)
        assert router.read_alias() == "replica1"


def test_a_replica_chosen_for_a_lower_lsn_is_left_for_a_higher_one() -> None:
    with request_context(may_use_replica=True):
        assert router.read_alias() in REPLICAS
        router.require_lsn(1001)
        assert router.read_alias() == "default"


def test_once_on_the_primary_a_request_does_not_go_back_in_time(replica_set: ReplicaSet) -> None:
    with request_context(may_use_replica=True, required_lsn=1001):
        assert router.read_alias() == "default"
        replica_set.record("replica1", Observation(is_replica=True, lsn=1005), monotonic())
        router.require_lsn(1002)
        assert router.read_alias() == "default"


def test_replicas_that_are_down_are_not_asked(replica_set: ReplicaSet) -> None:
    replica_set.record_failure("replica1", "gone")
    for _ in range(3):
        with request_context(may_use_replica=True):
            assert router.read_alias() == "replica2"
    replica_set.record_failure("replica2", "gone")
    with request_context(may_use_replica=True):
        assert router.read_alias() == "default"


def test_without_a_primary_sessions_are_read_from_the_most_advanced_replica(
    replica_set: ReplicaSet,
) -> None:
    replica_set.record("replica2", Observation(is_replica=True, lsn=1001), monotonic())
    replica_set.record_failure("default", "gone", at_once=True)
    with request_context(may_use_replica=True, required_lsn=5000):
        assert db.router.db_for_read(Session) == "replica2"
        assert db.router.db_for_read(User) == "replica2"
    with request_context(may_use_replica=False):
        assert db.router.db_for_read(Session) == "default"


def test_a_primary_that_failed_this_request_is_probed_before_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(monitor.get_monitor(), "probe_primary", lambda: next(answers))
    with request_context(may_use_replica=True, required_lsn=5000) as context:
        assert router.read_alias() == "default"
        # Its connections are kept in a pool: others of them look alive and are not.
        context.excluded_aliases.add("default")
        context.chosen_alias = ""
        assert router.read_alias() in REPLICAS
        context.chosen_alias = ""
        assert router.read_alias() == "default"


def test_tables_are_changed_on_the_primary_only() -> None:
    assert [db.router.allow_migrate(alias, "accounts") for alias in ("default", *REPLICAS)] == [
        True,
        False,
        False,
    ]
