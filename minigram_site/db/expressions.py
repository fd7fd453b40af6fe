"""Small things that the ORM does not say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connections, models, router
from django.db.models import Exists
from django.db.models.expressions import Col, Func
from django.db.models.sql.compiler import SQLCompiler
from psycopg import RawCursor


def insert_or_ignore(model: type[models.Model], **values: Any) -> bool:
    """Insert a row unless a unique constraint already holds one; tell whether it was inserted.

    ``values`` are named by attribute (``user_id=…``); fields left out take the model's default.
    One statement and no savepoint: whoever comes second waits for the first and is told
    ``False``, however many come at once. ``bulk_create(ignore_conflicts=True)`` does not tell.
    """
    connection = connections[router.db_for_write(model)]
    fields = model._meta.concrete_fields
    row = [
        field.get_db_prep_save(values.get(field.attname, field.get_default()), connection)
        for field in fields
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    holders = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        # Only names of tables and columns are put into the text; all values are parameters.
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({holders}) "  # noqa: S608
            "ON CONFLICT DO NOTHING",
            row,
        )
        return bool(cursor.rowcount == 1)


class IndexProbe(Exists):
    """``Exists`` that is always one look into an index for each row that asks.

    PostgreSQL may otherwise read all rows that could match first and look each row up in those:
    all that somebody follows, for the twenty photos of a page. The ``OFFSET`` stands behind the
    ``LIMIT 1`` of ``Exists`` and forbids it.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


class RowVersion(Func):
    """The version of the row that a column is read from; PostgreSQL only.

    It is the number of the transaction that wrote the row (``xmin``): whatever is changed in the
    row, and however, the number is another one afterwards. Likes and comments are counted in
    rows of their own and change nothing here.
    """

    arity = 1
    output_field = models.TextField()

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        """Return the system column of the table that holds the named column."""
        (column,) = self.get_source_expressions()
        if not isinstance(column, Col):
            raise TypeError("A row version belongs to a column of a table.")
        return f"{compiler.quote_name_unless_alias(column.alias)}.xmin", []


def fetch_prepared(alias: str, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that PostgreSQL prepares once for each connection.

    For the hottest reads: half the way of Django's own cursor, with the same errors and the same
    wrappers around it. ``sql`` numbers its parameters, ``$1`` and on; values come in psycopg's
    forms. One query.
    """
    connection = connections[alias]
    connection.ensure_connection()
    cursor = RawCursor(connection.connection)

    def execute(sql: str, parameters: Sequence[Any], *_: Any) -> list[tuple[Any, ...]]:
        with connection.wrap_database_errors:
            return cursor.execute(sql, parameters, prepare=True, binary=True).fetchall()

    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    many = False
    return execute(sql, parameters, many, {"connection": connection, "cursor": cursor})
