"""Which server a request reads from and writes to."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connections, router, transaction

from accounts.models import User
from minigram_site import current, positions, replicas, routers
from minigram_site.position_table import PositionTable
from minigram_site.standing import Look, Standing

pytestmark = pytest.mark.django_db(transaction=True)

REPLICAS = ["replica1", "replica2"]


@pytest.fixture(autouse=True)
def standing(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Standing]:
    """Return two replicas at position 1000; under their names is the test's own database."""
    settings.REPLICAS = REPLICAS
    settings.DATABASE_ROUTERS = ["minigram_site.routers.ReadWriteRouter"]
    for alias in REPLICAS:
        connections[alias] = connections["default"]
    monkeypatch.setattr(router, "routers", [routers.ReadWriteRouter()])
    monkeypatch.setattr(positions, "_table", PositionTable(tmp_path / "positions"))
    watch = replicas.Watch()
    monkeypatch.setattr(replicas, "_watch", watch)
    for _ in range(2):
        watch.standing.report("default", Look(is_replica=False, position=1000), monotonic())
        for alias in REPLICAS:
            watch.standing.report(alias, Look(is_replica=True, position=1000), monotonic())
    yield watch.standing
    for alias in REPLICAS:
        del connections[alias]


def test_outside_of_requests_everything_is_on_the_primary() -> None:
    assert router.db_for_read(User) == router.db_for_write(User) == "default"


def test_a_request_that_writes_reads_from_the_primary() -> None:
    with current.request(may_read=False):
        assert routers.read_alias() == "default"


def test_a_request_that_only_reads_reads_from_a_replica_and_stays_with_it() -> None:
    with current.request(may_read=True):
        chosen = routers.read_alias()
        assert chosen in REPLICAS
        assert {router.db_for_read(User) for _ in range(5)} == {chosen}
        assert router.db_for_write(User) == "default"


def test_visitors_are_spread_over_the_replicas() -> None:
    chosen = set()
    for _ in range(4):
        with current.request(may_read=True):
            chosen.add(routers.read_alias())
    assert chosen == set(REPLICAS)


def test_after_a_write_the_request_reads_from_the_primary() -> None:
    with current.request(may_read=True):
        assert routers.read_alias() in REPLICAS
        current.wrote()
        assert routers.read_alias() == "default"


def test_inside_a_transaction_reads_are_on_the_primary() -> None:
    with current.request(may_read=True):
        with transaction.atomic():
            assert routers.read_alias() == "default"
        assert routers.read_alias() in REPLICAS


def test_sessions_and_blocks_that_ask_for_it_are_read_from_the_primary() -> None:
    with current.request(may_read=True):
        assert router.db_for_read(Session) == "default"
        with routers.on_primary():
            assert router.db_for_read(User) == "default"
        assert router.db_for_read(User) in REPLICAS


def test_a_carried_position_is_asked_of_the_replica(standing: Standing) -> None:
    standing.report("replica2", Look(is_replica=True, position=1001), monotonic())
    for _ in range(3):
        with current.request(may_read=True, position=1001):
            assert routers.read_alias() == "replica2"
    with current.request(may_read=True, position=1002):
        assert routers.read_alias() == "default"


def test_who_wrote_reads_from_the_primary_until_a_replica_has_it(standing: Standing) -> None:
    positions.remember(77, 1001)
    with current.request(may_read=True):
        routers.person_is(77)
        assert routers.read_alias() == "default"
    standing.report("replica1", Look(is_replica=True, position=1001), monotonic())
    with current.request(may_read=True):
        routers.person_is(77)
        assert routers.read_alias() == "replica1"


def test_a_replica_chosen_for_less_is_left_when_more_is_required() -> None:
    with current.request(may_read=True):
        assert routers.read_alias() in REPLICAS
        routers.require(1001)
        assert routers.read_alias() == "default"


def test_once_on_the_primary_a_request_does_not_go_back_in_time(standing: Standing) -> None:
    with current.request(may_read=True, position=1001):
        assert routers.read_alias() == "default"
        standing.report("replica1", Look(is_replica=True, position=1005), monotonic())
        routers.require(1002)
        assert routers.read_alias() == "default"


def test_replicas_that_are_down_are_not_asked(standing: Standing) -> None:
    standing.failed("replica1", "gone")
    for _ in range(3):
        with current.request(may_read=True):
            assert routers.read_alias() == "replica2"
    standing.failed("replica2", "gone")
    with current.request(may_read=True):
        assert routers.read_alias() == "default"


def test_without_a_primary_sessions_are_read_from_the_most_advanced_replica(
    standing: Standing,
) -> None:
    standing.report("replica2", Look(is_replica=True, position=1001), monotonic())
    standing.failed("default", "gone", at_once=True)
    with current.request(may_read=True, position=5000):
        assert router.db_for_read(Session) == "replica2"
        assert router.db_for_read(User) == "replica2"
    with current.request(may_read=False):
        assert router.db_for_read(Session) == "default"


def test_a_primary_that_failed_this_request_is_looked_at_before_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([True, False])
    monkeypatch.setattr(replicas.watch(), "primary_is_gone", lambda: next(answers))
    with current.request(may_read=True, position=5000) as work:
        assert routers.read_alias() == "default"
        # Its connections are kept in a pool: others of them look alive and are not.
        work.avoided.add("default")
        work.server = ""
        assert routers.read_alias() in REPLICAS
        work.server = ""
        assert routers.read_alias() == "default"


def test_tables_are_changed_on_the_primary_only() -> None:
    assert [router.allow_migrate(db, "accounts") for db in ("default", *REPLICAS)] == [
        True,
        False,
        False,
    ]
