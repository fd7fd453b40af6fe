"""Copies all rows of a SQLite database into PostgreSQL, and proves both databases equal.

No model is known by name: every model that Django has installed is copied. Both databases are
read through the fields of the models, so that checksums can be compared across engines.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model, QuerySet
from django.db.utils import load_backend

# The alias of the database that is copied from, while it is open.
SOURCE = "copy_source"
CHUNK_ROWS = 2000
# Whether the site may use what its own Redis holds: wrong for another site. Counts of a minute.
EXCLUDED = ("minigram_cache.CacheState", "accounts.Attempts")
# Limits that a server, a database or a role may have for each session; 0 is none.
SESSION_LIMITS = (
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "lock_timeout",
    "statement_timeout",
    "transaction_timeout",
)
# Written by Django when it migrates; the source has its own rows, with other ids.
WRITTEN_BY_MIGRATE = ("auth.Permission", "contenttypes.ContentType")

Report = Callable[[str], None]


class CannotCopy(Exception):
    """Source and target differ, or the copy could not be made; the message says why."""


@dataclass(frozen=True)
class TableChecksum:
    """The number of rows of a table, and a checksum over all columns, whatever the rows' order."""

    rows: int
    checksum: str


@contextmanager
def open_source(path: Path) -> Iterator[None]:
    """Connect the SQLite database at ``path`` as the alias ``SOURCE``: one snapshot, read-only.

    Raises ``django.db.Error`` if the file cannot be read as a database.
    """
    settings = {
        **connections.settings[DEFAULT_DB_ALIAS],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{path.resolve().as_uri()}?mode=ro",
        "OPTIONS": {"timeout": 20},
        "CONN_MAX_AGE": 0,
    }
    connections[SOURCE] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, SOURCE)
    try:
        with transaction.atomic(using=SOURCE):
            yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE]


def models() -> list[type[Model]]:
    """Return all models with a table of their own, each after the models that it refers to."""
    waiting = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in EXCLUDED
    ]
    ordered: list[type[Model]] = []
    while waiting:
        free = [model for model in waiting if not _referenced(model) & set(waiting) - {model}]
        # Models that refer to each other: their constraints are checked after all rows are in.
        ordered += free or waiting[:1]
        waiting = [model for model in waiting if model not in ordered]
    return ordered


def refuse_unless_copyable(target: str) -> None:
    """Raise ``CannotCopy`` unless both databases have equal migrations and the target no rows.

    ``target`` is an alias of ``DATABASES``. Costs one query for each table.
    """
    applied, applied_here = _migrations(SOURCE), _migrations(target)
    if applied != applied_here:
        names = ", ".join(".".join(name) for name in sorted(applied ^ applied_here)[:5])
        raise CannotCopy(f"Run migrate on both sides first: they differ in {names}.")
    for model in models():
        if model._meta.label not in WRITTEN_BY_MIGRATE and _rows(model, target).exists():
            table = model._meta.db_table
            raise CannotCopy(f"The target is not empty: there are rows in {table}.")


def lift_limits(target: str) -> None:
    """Let the target's session of this command idle and work as long as it takes. One query.

    It waits, inside the transaction too, while files are copied and the source is read: longer
    than a server that ends idle sessions would let it.
    """
    with connections[target].cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY(%s)",
            [list(SESSION_LIMITS)],
        )


def copy_rows(target: str, report: Report) -> None:
    """Copy all rows in one transaction, compare, and commit only if both databases are equal.

    ``target`` is the alias of a PostgreSQL database. Raises ``CannotCopy`` if rows differ, and
    ``django.db.Error`` if a constraint refuses one. Costs one ``COPY`` for each table, and one
    more read of both databases.
    """
    with transaction.atomic(using=target):
        for model in reversed(models()):
            if model._meta.label in WRITTEN_BY_MIGRATE:
                _rows(model, target).delete()
        for model in models():
            count = _copy_table(model, target)
            if count:
                report(f"  {model._meta.db_table}: {count} rows")
        connections[target].check_constraints()
        _reset_sequences(target)
        if found := differences(target, report):
            raise CannotCopy("Nothing was copied: " + " ".join(found))


def differences(target: str, report: Report) -> list[str]:
    """Return one sentence for each table whose rows differ. Reads all rows of both databases."""
    found, total = [], 0
    for model in models():
        source, here = table_checksum(model, SOURCE), table_checksum(model, target)
        total += source.rows
        table = model._meta.db_table
        if source.rows != here.rows:
            found.append(f"{table} has {source.rows} rows in the source and {here.rows} here.")
        elif source.checksum != here.checksum:
            found.append(f"{table} has other values in the source than here.")
    report(f"  compared {len(models())} tables, {total} rows: {len(found)} differ")
    return found


def table_checksum(model: type[Model], alias: str) -> TableChecksum:
    """Return the number of a model's rows and their checksum. Reads the whole table."""
    rows, total = 0, 0
    for values in _values(model, alias):
        rows += 1
        digest = hashlib.sha256("\x1f".join(map(_text, values)).encode()).digest()
        # A sum and not an exclusive or: two equal rows must not cancel each other out.
        total = (total + int.from_bytes(digest)) % 2**256
    return TableChecksum(rows, f"{total:064x}")


def _rows(model: type[Model], alias: str) -> QuerySet[Any, Any]:
    """Return all rows of a model, those included that its own manager leaves out."""
    return QuerySet(model, using=alias).order_by()


def _values(model: type[Model], alias: str) -> Iterator[tuple[Any, ...]]:
    """Yield the values of each row, in the order of the model's concrete fields."""
    names = [field.attname for field in model._meta.concrete_fields]
    return iter(_rows(model, alias).values_list(*names).iterator(chunk_size=CHUNK_ROWS))


def _copy_table(model: type[Model], target: str) -> int:
    """Send all rows of a model to the target by ``COPY``; return their number."""
    connection = connections[target]
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    count = 0
    with connection.wrap_database_errors, connection.cursor() as cursor:
        # The statement is built from the names of tables and columns alone.
        text = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
        with cursor.copy(text) as copy:
            for values in _values(model, SOURCE):
                copy.write_row(
                    [
                        field.get_db_prep_save(value, connection)
                        for field, value in zip(fields, values, strict=True)
                    ]
                )
                count += 1
    return count


def _reset_sequences(target: str) -> None:
    """Let each sequence go on above the highest id that was copied."""
    connection = connections[target]
    statements = connection.ops.sequence_reset_sql(no_style(), models())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _referenced(model: type[Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.remote_field}


def _migrations(alias: str) -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[alias]).applied_migrations())


def _text(value: Any) -> str:
    """Return the canonical text of a value, equal for both engines and unique for each value."""
    if isinstance(value, dt.datetime):
        return f"time {value.astimezone(dt.UTC).isoformat(timespec='microseconds')}"
    if isinstance(value, bytes | memoryview):
        return f"bytes {bytes(value).hex()}"
    if isinstance(value, dict | list):
        return f"json {json.dumps(value, sort_keys=True)}"
    if isinstance(value, UUID | dt.date):
        return f"{type(value).__name__} {value}"
    return f"{type(value).__name__} {value!r}"
