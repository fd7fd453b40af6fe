"""Prepared statements after a migration that ran while the site answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from minigram_site.db import fetch_prepared
from minigram_site.web.outages import is_outage

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="is about PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    """Make a table with one row, and prepare the statements that read it."""
    elsewhere("CREATE TABLE outgrown (name varchar(60)); INSERT INTO outgrown VALUES ('alice')")
    for _ in range(5):
        assert prepared() == plain() == [("alice",)]
    yield
    elsewhere("DROP TABLE outgrown")


def elsewhere(sql: str) -> None:
    """Run statements on a connection of their own, as ``migrate`` does."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement)
    other.close()


def migrate() -> None:
    elsewhere("ALTER TABLE outgrown ALTER name TYPE varchar(80)")


def prepared() -> list[tuple[Any, ...]]:
    return fetch_prepared("default", "SELECT name FROM outgrown WHERE name <> $1", ("bob",))


def plain() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM outgrown WHERE name <> %s", ["bob"])
        return list(cursor.fetchall())


@transaction.atomic
def after_another() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return plain()


@pytest.mark.parametrize("ask", [prepared, plain])
def test_a_statement_that_no_longer_fits_is_prepared_anew(ask: Any) -> None:
    migrate()
    assert ask() == ask() == [("alice",)]


@pytest.mark.parametrize("ask", [prepared, plain])
def test_it_is_prepared_anew_at_the_beginning_of_a_transaction(ask: Any) -> None:
    migrate()
    with transaction.atomic():
        assert ask() == ask() == [("alice",)]


def test_a_statement_that_the_server_has_forgotten_is_prepared_anew() -> None:
    connection.connection.pgconn.exec_(b"DEALLOCATE ALL")
    assert prepared() == [("alice",)]


def test_in_the_middle_of_a_transaction_the_client_is_asked_to_try_again() -> None:
    migrate()
    with pytest.raises(DatabaseError) as caught:
        after_another()
    assert is_outage(caught.value)
    assert plain() == [("alice",)]


def test_all_other_connections_of_the_process_prepare_anew_as_well() -> None:
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT name FROM outgrown WHERE name <> %s", ["bob"])
    other.close()
    migrate()
    held = connection.connection
    plain()
    with other.cursor() as cursor:
        assert other.connection is not held
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'outgrown'")
        assert cursor.fetchone() == (0,)
    other.close()
