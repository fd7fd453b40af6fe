"""Two small things that the ORM does not say and that SQLite and PostgreSQL share."""

from __future__ import annotations

from typing import Any

from django.db import connections, models, router


def insert_once(model: type[models.Model], **values: Any) -> bool:
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
