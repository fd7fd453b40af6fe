"""The primary key of all tables whose rows people make: a snowflake id."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from minigram_site.fields.snowflake import new_id


class IdField(models.BigIntegerField[int, int]):
    """A time-ordered 64-bit primary key (a snowflake id), made before the insert."""

    def __init__(self, **options: Any) -> None:
        """Take the options of a field; those that make it a primary key are set here."""
        super().__init__(**{**options, "primary_key": True, "default": new_id, "editable": False})

    def deconstruct(self) -> Any:
        """Return the field for a migration, without the options that this class sets."""
        name, path, arguments, options = super().deconstruct()
        for option in ("primary_key", "default", "editable"):
            options.pop(option, None)
        return name, path, arguments, options

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the column's type.

        In SQLite only a primary key of the type "integer" is the key of the table's own B-tree
        (``rowid``); any other has an index of its own, one more search for every row that is read.
        """
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type of a column that refers to this field."""
        return models.BigIntegerField[int, int]().db_type(connection)
