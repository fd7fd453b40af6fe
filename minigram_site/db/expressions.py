"""Query expressions that the ORM does not have."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists
from django.db.models.expressions import Col, Func
from django.db.models.sql.compiler import SQLCompiler


class IndexProbe(Exists):
    """``Exists`` that PostgreSQL always answers by one index lookup for each outer row.

    Otherwise it may read all rows of the subquery first and look each outer row up in those: all
    the people that somebody follows, for the twenty photos of a page. The ``OFFSET``, behind the
    ``LIMIT 1`` of ``Exists``, keeps it from that.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


class RowVersion(Func):
    """The version of the row that a column is read from; PostgreSQL only.

    It is the number of the transaction that wrote the row (``xmin``), and therefore differs after
    every change of the row, however it was made. Likes and comments are counted in rows of their
    own and leave the version of a photo as it is.
    """

    arity = 1
    output_field = models.TextField()

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        """Return the SQL of the system column; ``TypeError`` if the argument is no column."""
        (column,) = self.get_source_expressions()
        if not isinstance(column, Col):
            raise TypeError("A row version belongs to a column of a table.")
        return f"{compiler.quote_name_unless_alias(column.alias)}.xmin", []
