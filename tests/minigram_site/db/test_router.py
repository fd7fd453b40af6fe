"""Which server a request reads from and writes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from time import monotonic
from typing import Any

import psycopg
import pytest
from django import db
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from accounts.models import User
from minigram_site.db import lsn, lsn_mmap, monitor, router
from minigram_site.db.context import mark_written, request_context
from minigram_site.db.lsn_mmap import NEWEST, LsnTable
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
    monkeypatch.setattr(lsn_mmap, "local_table", LsnTable(tmp_path / "lsns"))
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
    replica_set: ReplicaSet, lost_primary: list[bool]
) -> None:
    replica_set.record("replica2", Observation(is_replica=True, lsn=1001), monotonic())
    with request_context(may_use_replica=True, required_lsn=5000):
        assert db.router.db_for_read(Session) == "replica2"
        assert db.router.db_for_read(User) == "replica2"
    with request_context(may_use_replica=False):
        assert db.router.db_for_read(Session) == "default"


@pytest.fixture
def lost_primary(replica_set: ReplicaSet, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let this process think that the primary is down; return what probes of it have found."""
    found: list[bool] = []

    def connect(alias: str) -> None:
        found.append(False)
        raise psycopg.OperationalError("the server does not answer")

    monkeypatch.setattr(monitor, "_connect", connect)
    replica_set.record_failure("default", "gone", at_once=True)
    return found


@pytest.fixture
def returned_primary(lost_primary: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the primary be up again, and this process not have noticed."""

    def observe(connection: object) -> Observation:
        lost_primary.append(True)
        return Observation(is_replica=False, lsn=1001)

    monkeypatch.setattr(monitor, "_connect", lambda alias: nullcontext())
    monkeypatch.setattr(monitor, "observe", observe)
    monkeypatch.setattr(monitor, "_close_breaker", lambda alias: None)


@pytest.mark.usefixtures("returned_primary")
def test_what_a_primary_acknowledges_that_seems_down_is_read_there() -> None:
    # By another process of this machine, which has met it first.
    lsn_mmap.local_table.raise_to(NEWEST, 1001)
    with request_context(may_use_replica=True):
        assert db.router.db_for_read(Session) == "default"
    lsn.record_write(77, 1001)
    with request_context(may_use_replica=True):
        router.set_user(77)
        assert router.read_alias() == "default"


@pytest.mark.usefixtures("returned_primary")
def test_an_lsn_that_a_client_brings_is_read_from_a_primary_that_seems_down() -> None:
    lsn_mmap.local_table.raise_to(NEWEST, 900)
    with request_context(may_use_replica=True, required_lsn=1001):
        assert router.read_alias() == "default"


@pytest.mark.usefixtures("returned_primary")
def test_a_replica_that_has_all_that_was_acknowledged_stands_in_without_a_probe(
    lost_primary: list[bool],
) -> None:
    lsn_mmap.local_table.raise_to(NEWEST, 1000)
    with request_context(may_use_replica=True):
        assert db.router.db_for_read(Session) in REPLICAS
    assert lost_primary == []


def test_a_primary_that_is_down_is_probed_once_for_each_newest_write(
    lost_primary: list[bool],
) -> None:
    for newest, probes in ((1001, 1), (1001, 1), (1002, 2)):
        lsn_mmap.local_table.raise_to(NEWEST, newest)
        with request_context(may_use_replica=True):
            assert db.router.db_for_read(Session) in REPLICAS
        assert len(lost_primary) == probes


@pytest.mark.usefixtures("lost_primary")
def test_what_is_read_from_a_replica_that_is_behind_is_known_to_be() -> None:
    with request_context(may_use_replica=True):
        assert router.read_alias() in REPLICAS
        assert not router.reads_are_behind()
        router.require_lsn(1001)
        assert db.router.db_for_read(Session) in REPLICAS
        assert router.reads_are_behind()


def test_what_has_changed_is_read_from_the_primary_until_a_replica_has_it(
    replica_set: ReplicaSet,
) -> None:
    lsn.record_changes(["n:1"], 1001)
    with request_context(may_use_replica=True):
        router.require_changes_of(["n:2"])
        assert router.read_alias() in REPLICAS
        router.require_changes_of(["n:1", "n:2"])
        assert router.read_alias() == "default"
    replica_set.record("replica1", Observation(is_replica=True, lsn=1001), monotonic())
    with request_context(may_use_replica=True):
        router.require_changes_of(["n:1"])
        assert router.read_alias() == "replica1"


def test_who_has_read_before_a_change_was_known_is_told_to_read_again() -> None:
    lsn.record_changes(["n:1"], 1000)
    lsn.record_changes(["n:2"], 1001)
    with request_context(may_use_replica=True):
        chosen = router.read_alias()
        # The replica had replayed that change when it was chosen.
        assert not router.require_changes_of(["n:1"])
        assert router.read_alias() == chosen
        assert router.require_changes_of(["n:2"])
        assert router.read_alias() == "default"
        assert not router.require_changes_of(["n:2"])


def test_names_are_not_looked_up_where_the_server_has_every_change() -> None:
    never = partial(map, pytest.fail, ["A name was looked up."])
    lsn.record_changes(["n:1"], 1000)
    with request_context(may_use_replica=True) as context:
        assert router.read_alias() in REPLICAS
        assert not router.require_changes_of(never())
        assert context.required_lsn == 1000
    lsn.record_changes(["n:2"], 1001)
    with request_context(may_use_replica=True), pytest.raises(pytest.fail.Exception):
        router.require_changes_of(never())


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
