"""The primary key that tables of things made by people share."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from minigram_site.fields.snowflake import new_id


class IdField(models.BigIntegerField[int, int]):
    """A time-ordered 64-bit primary key (a snowflake id), made before the insert."""

    def __init__(self, **options: Any) -> None:
        """Take the options of a field; the ones that make it a key are set."""
        super().__init__(**{**options, "primary_key": True, "default": new_id, "editable": False})

    def deconstruct(self) -> Any:
        """Leave out of migrations what this class sets itself."""
        name, path, arguments, options = super().deconstruct()
        for option in ("primary_key", "default", "editable"):
            options.pop(option, None)
        return name, path, arguments, options

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the column's type.

        In SQLite only a key of the type "integer" *is* the table's order; any other is an index
        beside it, one more search for every row that is read.
        """
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type of a column that refers to this one."""
        return models.BigIntegerField[int, int]().db_type(connection)
