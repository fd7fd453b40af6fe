"""Copies one site's rows and files into another, and proves that nothing is missing or different.

It knows no model by name: it goes through all that Django has installed. Both sides are read
through the same fields, so that a checksum means the same on SQLite and PostgreSQL.
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
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model, QuerySet
from django.db.utils import load_backend

SOURCE = "copy_source"
CHUNK = 2000
# Django writes these rows when it migrates; the source has its own, with other numbers.
# Says whether one site may use what its Redis holds: not true of another site.
STAYS = ("minigram_cache.CacheState",)
WRITTEN_BY_MIGRATE = ("auth.Permission", "contenttypes.ContentType")

Report = Callable[[str], None]


class CannotCopy(Exception):
    """The copy was not made; the message says why."""


@dataclass(frozen=True)
class Sum:
    """How many rows a table has, and a checksum over all their columns in any order."""

    rows: int
    checksum: str


@contextmanager
def opened(path: Path) -> Iterator[None]:
    """Offer the SQLite database at ``path`` as the alias ``SOURCE``, one snapshot, read-only."""
    settings = {
        **connections.settings["default"],
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
    """Return all models with a table of their own, each after those that it refers to."""
    waiting = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in STAYS
    ]
    ordered: list[type[Model]] = []
    while waiting:
        free = [model for model in waiting if not _referred(model) & set(waiting) - {model}]
        # Where two refer to each other, the end of the transaction checks both.
        ordered += free or waiting[:1]
        waiting = [model for model in waiting if model not in ordered]
    return ordered


def refuse_unless_copyable(target: str) -> None:
    """Raise ``CannotCopy`` unless both sides have the same migrations and the target no rows."""
    source, here = _migrations(SOURCE), _migrations(target)
    if source != here:
        names = ", ".join(".".join(name) for name in sorted(source ^ here)[:5])
        raise CannotCopy(f"Run migrate on both sides first: they differ in {names}.")
    for model in models():
        if model._meta.label not in WRITTEN_BY_MIGRATE and _rows(model, target).exists():
            table = model._meta.db_table
            raise CannotCopy(f"The target is not empty: there are rows in {table}.")


def copy_rows(target: str, report: Report) -> None:
    """Copy all rows in one transaction, compare, and commit only if both sides are equal.

    The target is PostgreSQL. Costs one ``COPY`` for each table, and one read of each side.
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
    """Return one sentence for each table whose rows are not the same on both sides."""
    found, total = [], 0
    for model in models():
        there, here = summed(model, SOURCE), summed(model, target)
        total += there.rows
        table = model._meta.db_table
        if there.rows != here.rows:
            found.append(f"{table} has {there.rows} rows in the source and {here.rows} here.")
        elif there.checksum != here.checksum:
            found.append(f"{table} has other values in the source than here.")
    report(f"  compared {len(models())} tables, {total} rows: {len(found)} differ")
    return found


def summed(model: type[Model], alias: str) -> Sum:
    """Return the number of rows and their checksum. Reads the whole table."""
    rows, total = 0, 0
    for values in _values(model, alias):
        rows += 1
        digest = hashlib.sha256("\x1f".join(map(_text, values)).encode()).digest()
        # A sum and not an exclusive or: two equal rows must not cancel each other out.
        total = (total + int.from_bytes(digest)) % 2**256
    return Sum(rows, f"{total:064x}")


def _rows(model: type[Model], alias: str) -> QuerySet[Any, Any]:
    """Return all rows, whatever the model's own manager leaves out."""
    return QuerySet(model, using=alias).order_by()


def _values(model: type[Model], alias: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    return iter(_rows(model, alias).values_list(*names).iterator(chunk_size=CHUNK))


def _copy_table(model: type[Model], target: str) -> int:
    connection = connections[target]
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    count = 0
    with connection.wrap_database_errors, connection.cursor() as cursor:
        # Only names of tables and columns are put into the text.
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
    connection = connections[target]
    statements = connection.ops.sequence_reset_sql(no_style(), models())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _referred(model: type[Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.remote_field}


def _migrations(alias: str) -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[alias]).applied_migrations())


def _text(value: Any) -> str:
    """Return a value in the one way that both databases lead to; never equal for two values."""
    if isinstance(value, dt.datetime):
        return f"time {value.astimezone(dt.UTC).isoformat(timespec='microseconds')}"
    if isinstance(value, bytes | memoryview):
        return f"bytes {bytes(value).hex()}"
    if isinstance(value, dict | list):
        return f"json {json.dumps(value, sort_keys=True)}"
    if isinstance(value, UUID | dt.date):
        return f"{type(value).__name__} {value}"
    return f"{type(value).__name__} {value!r}"
