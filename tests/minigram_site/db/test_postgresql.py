"""The engine for PostgreSQL: pool, limits, prepared statements, loss and return of the server."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import Value
from psycopg_pool import PoolTimeout

from accounts.models import User
from minigram_site.database_url import postgresql_options
from minigram_site.db import monitor, postgresql
from minigram_site.db.postgresql import base
from minigram_site.db.postgresql.connection import TimeoutConnection
from minigram_site.db.postgresql.pool import Pool
from tests.factories import make_user

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="is about PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Return a pool of two connections, beside the one that Django uses."""
    own = _pool(timeout=3)
    own.open(wait=True)
    yield own
    own.close()


def _pool(**options: Any) -> Pool:
    parameters = {
        **base.DatabaseWrapper(connection.settings_dict)._parameters(),
        "autocommit": True,
    }
    sizes = {"min_size": 2, "max_size": 2, "reconnect_timeout": 0.2, "open": False}
    return Pool(
        kwargs=parameters | options.pop("kwargs", {}),
        configure=lambda _: None,
        **sizes | options,
    )


def _end(*held: TimeoutConnection) -> None:
    """Let the server end these connections, as it does when it stops."""
    with connection.cursor() as cursor:
        for one in held:
            cursor.execute("SELECT pg_terminate_backend(%s)", [one.info.backend_pid])
    time.sleep(0.2)


def test_a_request_takes_a_connection_of_the_pool_and_gives_it_back() -> None:
    User.objects.exists()
    pool = connection.connection._pool
    assert pool is base.DatabaseWrapper._connection_pools["default"]
    free = pool.get_stats()["pool_available"]
    connection.close()
    assert pool.get_stats()["pool_available"] == free + 1


def test_an_idle_connection_is_checked_without_asking_the_server(pool: Pool) -> None:
    held = pool.getconn()
    held.execute("SELECT 'the last that was asked'")
    pool.putconn(held)
    both = {pool.getconn(), pool.getconn()}
    assert held in both
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [held.info.backend_pid])
        assert cursor.fetchone() == ("SELECT 'the last that was asked'",)
    for one in both:
        pool.putconn(one)


def test_the_connection_that_came_back_last_is_used_again(pool: Pool) -> None:
    first, second = pool.getconn(), pool.getconn()
    for one in (first, second):
        pool.putconn(one)
    for _ in range(3):
        again = pool.getconn()
        assert again is second
        pool.putconn(again)


def test_connections_that_the_server_ended_are_replaced_before_anybody_gets_one(
    pool: Pool,
) -> None:
    held = [pool.getconn(), pool.getconn()]
    for one in held:
        pool.putconn(one)
    _end(*held)
    started = time.monotonic()
    for _ in range(3):
        with pool.connection() as fresh:
            assert fresh.execute("SELECT 1").fetchone() == (1,)
    assert time.monotonic() - started < pool.timeout / 2


def test_a_lost_server_is_noticed_soon_and_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = _pool(timeout=3, kwargs={"host": "127.0.0.1", "port": 1})
    lost.open()
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(PoolTimeout):
            lost.getconn()
    assert time.monotonic() - started < 2
    lost.close()
    told = [record.message for record in caplog.records if record.name.startswith("minigram")]
    assert len(told) == 1
    assert "refused" in told[0]


def test_while_one_request_waits_for_a_lost_server_all_others_fail_at_once() -> None:
    lost = _pool(timeout=3, kwargs={"host": "127.0.0.1", "port": 1})
    lost.open()
    with pytest.raises(PoolTimeout):
        lost.getconn()
    with ThreadPoolExecutor(8) as threads:
        started = time.monotonic()
        waits = [wait.result() for wait in [threads.submit(_seconds_of, lost) for _ in range(8)]]
        assert time.monotonic() - started < 1.5
    assert sum(wait > 0.2 for wait in waits) == 1
    lost.close()


def test_a_server_that_is_back_is_used_at_once_by_all_when_somebody_has_seen_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """After a restart of the primary the monitor finds it before the pool has tried again."""
    options = postgresql_options({}, pool_timeout=3)["pool"]
    lost = _pool(kwargs={"host": "127.0.0.1", "port": 1}, **options)
    lost.open()
    with pytest.raises(PoolTimeout):
        lost.getconn()
    assert lost.breaker_is_open
    lost.kwargs = base.DatabaseWrapper(connection.settings_dict)._parameters() | {
        "autocommit": True
    }
    settings.REPLICAS = []
    monkeypatch.setitem(base.DatabaseWrapper._connection_pools, "default", lost)
    observer = monitor.Monitor()
    # One request tries and waits: all others would be refused at once until it is done.
    with lost._probe_lock, ThreadPoolExecutor(4) as threads:
        assert observer.probe_primary()
        started = time.monotonic()
        held = list(threads.map(lambda _: lost.getconn(), range(4)))
        assert time.monotonic() - started < lost.timeout / 2
    for one in held:
        lost.putconn(one)
    lost.close()


def _seconds_of(lost: Pool) -> float:
    started = time.monotonic()
    with pytest.raises(PoolTimeout):
        lost.getconn()
    return time.monotonic() - started


def test_a_server_that_says_nothing_is_given_up() -> None:
    pool = _pool(read_timeout=0.3)
    pool.open(wait=True)
    held = pool.getconn()
    with pytest.raises(psycopg.OperationalError, match="not answered within"):
        held.execute("SELECT pg_sleep(3)")
    assert held.closed
    pool.putconn(held)
    with pool.connection() as fresh:
        assert fresh.execute("SELECT 1").fetchone() == (1,)
    pool.close()


def test_served_requests_have_limits_and_commands_have_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = ("statement_timeout", "lock_timeout", "jit")
    given = connection.settings_dict["OPTIONS"]["options"]
    assert all(f"-c {name}={_show(connection, name)} " in f"{given} " for name in limits)
    monkeypatch.setattr(postgresql, "_served", False)
    command: Any = connections.create_connection("default")
    assert command.pool is None
    assert [_show(command, name) for name in limits] == ["0", "0", "on"]
    assert command.close_at is None
    command.close()


def _show(wrapper: Any, name: str) -> str:
    with wrapper.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def test_who_waits_too_long_for_a_lock_is_told_so() -> None:
    alice = make_user("alice")
    other = connections.create_connection("default")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=alice.pk)
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                cursor.execute("UPDATE accounts_user SET bio = '' WHERE id = %s", [alice.pk])
    with other.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    other.close()


def test_what_is_asked_often_is_prepared() -> None:
    for _ in range(5):
        User.objects.filter(username="alice").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans, statement FROM pg_prepared_statements")
        prepared = {text: runs for runs, text in cursor.fetchall()}
    assert any(runs >= 1 and "accounts_user" in text for text, runs in prepared.items())


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**40, 2**62])
def test_a_number_is_never_cut_off(number: int) -> None:
    make_user("alice")
    assert User.objects.annotate(number=Value(number)).get().number == number


def test_a_forked_process_has_connections_of_its_own() -> None:
    User.objects.exists()
    child = os.fork()
    if child == 0:
        os._exit(0 if not base.DatabaseWrapper._connection_pools else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert User.objects.count() == 0
