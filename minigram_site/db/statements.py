"""Statements that the ORM does not have, sent through Django's connections and wrappers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any

from django.db import connections, models, router
from django.db.models import UniqueConstraint
from psycopg import RawCursor


def insert_or_ignore(model: type[models.Model], **values: Any) -> bool:
    """Insert a row unless the model's unique constraint holds one; return whether it was inserted.

    ``values`` are named by attribute (``user_id=…``); fields left out take the model's default.
    One statement and no savepoint: of several transactions that insert the row at the same time
    the later ones wait for the first and get ``False``. ``bulk_create(ignore_conflicts=True)``
    does not say which rows it has inserted. Raises Django's ``IntegrityError`` for everything
    else that the database refuses: an id that another row has is not "there already". Raises
    ``ValueError`` for a model that has not exactly one unique constraint.
    """
    connection = connections[router.db_for_write(model)]
    fields = model._meta.concrete_fields
    row = [
        field.get_db_prep_save(values.get(field.attname, field.get_default()), connection)
        for field in fields
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    placeholders = ", ".join(["%s"] * len(row))
    target = ", ".join(quote(column) for column in _unique_columns(model))
    with connection.cursor() as cursor:
        # Only names of tables and columns are put into the text; all values are parameters.
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({placeholders}) "  # noqa: S608
            f"ON CONFLICT ({target}) DO NOTHING",
            row,
        )
        return bool(cursor.rowcount == 1)


@cache
def _unique_columns(model: type[models.Model]) -> tuple[str, ...]:
    """Return the columns of the one unique constraint of ``model``."""
    (unique,) = (one for one in model._meta.constraints if isinstance(one, UniqueConstraint))
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    return tuple(columns[name] for name in unique.fields)


def hold_rows(model: type[models.Model], keys: Iterable[int]) -> set[int]:
    """Keep rows from being deleted until the transaction ends; return the keys that are there.

    For rows that are about to be named by another one: a foreign key to a row that went meanwhile
    is refused by the database, at the commit, with all that the transaction has done. Nobody who
    changes such a row waits, nor anybody else who names it. One query, none without keys.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    connection = connections[router.db_for_write(model)]
    quote, name = connection.ops.quote_name, str(model._meta.pk.column)
    places = ", ".join(["%s"] * len(wanted))
    # SQLite has one writer at a time.
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(name)} FROM {quote(model._meta.db_table)} "  # noqa: S608 - only names
            f"WHERE {quote(name)} IN ({places}) ORDER BY {quote(name)}{lock}",
            wanted,
        )
        return {row[0] for row in cursor.fetchall()}


def insert_missing(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert those of ``rows`` that are not there yet; ``names`` are the attributes of the values.

    One statement of one text, whatever their number. A connection keeps the statements that it has
    prepared: with a text for each number of rows, 128 of them took 10 MB of each thread on SQLite.
    """
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        # As arrays of each column.
        entries = [model(**dict(zip(names, row, strict=True))) for row in rows]
        model._default_manager.bulk_create(entries, ignore_conflicts=True)
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(_column(model, name))) for name in names)
    placeholders = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        # Only names of tables and columns are put into the text; all values are parameters.
        cursor.executemany(
            f"INSERT OR IGNORE INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
            f"VALUES ({placeholders})",
            rows,
        )


def _column(model: type[models.Model], name: str) -> str:
    return next(str(field.column) for field in model._meta.fields if field.attname == name)


def fetch_prepared(alias: str, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that PostgreSQL prepares once for each connection.

    For the hottest statements: half the CPU of Django's own cursor, with its errors and its
    execute wrappers. ``sql`` numbers its parameters, ``$1`` and on; ``parameters`` are of types
    that psycopg adapts. One query. Raises Django's database errors.
    """
    return list(_send_prepared(alias, sql, parameters).fetchall())


def run_prepared(alias: str, sql: str, parameters: Sequence[Any]) -> int:
    """Send a statement as ``fetch_prepared`` does; return how many rows it has changed.

    One statement. Raises Django's database errors.
    """
    return int(_send_prepared(alias, sql, parameters).rowcount)


def _send_prepared(alias: str, sql: str, parameters: Sequence[Any]) -> RawCursor[Any]:
    connection = connections[alias]
    connection.ensure_connection()
    cursor: RawCursor[Any] = RawCursor(connection.connection)

    def execute(sql: str, parameters: Sequence[Any], *_: Any) -> RawCursor[Any]:
        with connection.wrap_database_errors:
            return cursor.execute(sql, parameters, prepare=True, binary=True)

    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    many = False
    return execute(sql, parameters, many, {"connection": connection, "cursor": cursor})


def release_connections() -> None:
    """Give this thread's connections back to the pool, as Django does after each request.

    For requests that are answered before Django. No query.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
