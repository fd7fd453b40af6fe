"""Who listens is woken by a notification, and by a connection that is lost or new."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from minigram_site.db.postgresql import notifications
from minigram_site.db.postgresql.notifications import Listener, notify

pytestmark = pytest.mark.django_db(transaction=True)
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="is about PostgreSQL"
)
CHANNEL = "test channel"
# Far longer than the test may take.
FOR_EVER = 3600.0


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Return one that has its connection."""
    listener = Listener(CHANNEL)
    listener.wait(FOR_EVER)
    yield listener
    listener.close()


def _pid(listener: Listener) -> int:
    assert listener.connection is not None
    return listener.connection.info.backend_pid


def _last_query(pid: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        return str(cursor.fetchone()[0])


@needs_postgresql
def test_a_notification_ends_the_wait_with_the_commit(listener: Listener) -> None:
    woken = threading.Event()

    def wait() -> None:
        listener.wait(FOR_EVER)
        woken.set()

    thread = threading.Thread(target=wait)
    with transaction.atomic():
        notify(CHANNEL)
        thread.start()
        assert not woken.is_set()
    assert woken.wait(60)
    thread.join()


@needs_postgresql
def test_one_that_came_between_two_waits_is_not_missed(listener: Listener) -> None:
    notify(CHANNEL)
    listener.wait(FOR_EVER)


@needs_postgresql
def test_nothing_is_sent_while_it_waits(listener: Listener) -> None:
    for _ in range(3):
        listener.wait(0.01)
    assert _last_query(_pid(listener)) == f'LISTEN "{CHANNEL}"'


@needs_postgresql
def test_a_connection_that_is_lost_is_made_anew(listener: Listener) -> None:
    lost = _pid(listener)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost])
    # The server's last words may come before the end of the connection.
    while listener.connection is not None:
        listener.wait(FOR_EVER)
    listener.wait(FOR_EVER)
    assert _pid(listener) != lost
    notify(CHANNEL)
    listener.wait(FOR_EVER)


def test_without_a_server_it_tries_again_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Listener) -> None:
        raise psycopg.OperationalError

    rests: list[float] = []
    monkeypatch.setattr(Listener, "_connect", refuse)
    monkeypatch.setattr("time.sleep", rests.append)
    listener = Listener(CHANNEL)
    listener.wait(FOR_EVER)
    listener.wait(0.5)
    assert rests == [notifications.RETRY_SECONDS, 0.5]
