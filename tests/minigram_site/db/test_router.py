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
from minigram_site.db import context, lsn, monitor, router
from minigram_site.db.lsn_mmap import LsnTable
from minigram_site.db.replica_set import Observation, ReplicaSet

pytestmark = pytest.mark.django_db(transaction=True)

REPLICAS = ["replica1", "replica2"]


@pytest.fixture(autouse=True)
def standing(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[ReplicaSet]:
    """Return two replicas at position 1000; under their names is the test's own database."""
    settings.REPLICAS = REPLICAS
    settings.DATABASE_ROUTERS = ["minigram_site.db.router.ReadWriteRouter"]
    for alias in REPLICAS:
        connections[alias] = connections["default"]
    monkeypatch.setattr(db.router, "routers", [router.ReadWriteRouter()])
    monkeypatch.setattr(lsn, "_table", LsnTable(tmp_path / "positions"))
    watch = monitor.Monitor()
    monkeypatch.setattr(monitor, "_watch", watch)
    for _ in range(2):
        watch.standing.report("default", Observation(is_replica=False, position=1000), monotonic())
        for alias in REPLICAS:
            watch.standing.report(alias, Observation(is_replica=True, position=1000), monotonic())
    yield watch.standing
    for alias in REPLICAS:
        del connections[alias]


def test_outside_of_requests_everything_is_on_the_primary() -> None:
    assert db.router.db_for_read(User) == db.router.db_for_write(User) == "default"


def test_a_request_that_writes_reads_from_the_primary() -> None:
    with context.request_context(may_read=False):
        assert router.read_alias() == "default"


def test_a_request_that_only_reads_reads_from_a_replica_and_stays_with_it() -> None:
    with context.request_context(may_read=True):
        chosen = router.read_alias()
        assert chosen in REPLICAS
        assert {db.router.db_for_read(User) for _ in range(5)} == {chosen}
        assert db.router.db_for_write(User) == "default"


def test_visitors_are_spread_over_the_replicas() -> None:
    chosen = set()
    for _ in range(4):
        with context.request_context(may_read=True):
            chosen.add(router.read_alias())
    assert chosen == set(REPLICAS)


def test_after_a_write_the_request_reads_from_the_primary() -> None:
    with context.request_context(may_read=True):
        assert router.read_alias() in REPLICAS
        context.mark_written()
        assert router.read_alias() == "default"


def test_inside_a_transaction_reads_are_on_the_primary() -> None:
    with context.request_context(may_read=True):
        with transaction.atomic():
            assert router.read_alias() == "default"
        assert router.read_alias() in REPLICAS


def test_sessions_and_blocks_that_ask_for_it_are_read_from_the_primary() -> None:
    with context.request_context(may_read=True):
        assert db.router.db_for_read(Session) == "default"
        with router.on_primary():
            assert db.router.db_for_read(User) == "default"
        assert db.router.db_for_read(User) in REPLICAS


def test_a_carried_position_is_asked_of_the_replica(standing: ReplicaSet) -> None:
    standing.report("replica2", Observation(is_replica=True, position=1001), monotonic())
    for _ in range(3):
        with context.request_context(may_read=True, position=1001):
            assert router.read_alias() == "replica2"
    with context.request_context(may_read=True, position=1002):
        assert router.read_alias() == "default"


def test_who_wrote_reads_from_the_primary_until_a_replica_has_it(standing: ReplicaSet) -> None:
    lsn.record(77, 1001)
    with context.request_context(may_read=True):
        router.set_user(77)
        assert router.read_alias() == "default"
    standing.report("replica1", Observation(is_replica=True, position=1001), monotonic())
    with context.request_context(may_read=True):
        router.set_user(77)
        assert router.read_alias() == "replica1"


def test_a_replica_chosen_for_less_is_left_when_more_is_required() -> None:
    with context.request_context(may_read=True):
        assert router.read_alias() in REPLICAS
        router.require_lsn(1001)
        assert router.read_alias() == "default"


def test_once_on_the_primary_a_request_does_not_go_back_in_time(standing: ReplicaSet) -> None:
    with context.request_context(may_read=True, position=1001):
        assert router.read_alias() == "default"
        standing.report("replica1", Observation(is_replica=True, position=1005), monotonic())
        router.require_lsn(1002)
        assert router.read_alias() == "default"


def test_replicas_that_are_down_are_not_asked(standing: ReplicaSet) -> None:
    standing.failed("replica1", "gone")
    for _ in range(3):
        with context.request_context(may_read=True):
            assert router.read_alias() == "replica2"
    standing.failed("replica2", "gone")
    with context.request_context(may_read=True):
        assert router.read_alias() == "default"


def test_without_a_primary_sessions_are_read_from_the_most_advanced_replica(
    standing: ReplicaSet,
) -> None:
    standing.report("replica2", Observation(is_replica=True, position=1001), monotonic())
    standing.failed("default", "gone", at_once=True)
    with context.request_context(may_read=True, position=5000):
        assert db.router.db_for_read(Session) == "replica2"
        assert db.router.db_for_read(User) == "replica2"
    with context.request_context(may_read=False):
        assert db.router.db_for_read(Session) == "default"


def test_a_primary_that_failed_this_request_is_looked_at_before_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([True, False])
    monkeypatch.setattr(monitor.get_monitor(), "primary_is_gone", lambda: next(answers))
    with context.request_context(may_read=True, position=5000) as work:
        assert router.read_alias() == "default"
        # Its connections are kept in a pool: others of them look alive and are not.
        work.avoided.add("default")
        work.server = ""
        assert router.read_alias() in REPLICAS
        work.server = ""
        assert router.read_alias() == "default"


def test_tables_are_changed_on_the_primary_only() -> None:
    assert [db.router.allow_migrate(alias, "accounts") for alias in ("default", *REPLICAS)] == [
        True,
        False,
        False,
    ]
