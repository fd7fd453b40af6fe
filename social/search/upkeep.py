"""The index of search looked over and built anew: what ``manage.py search_index`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from social.search import matching, schema
from social.search.schema import INDEXES, TRIGGERS, Index, trigger_name

Report = Callable[[str], None]


def faults() -> Iterator[str]:
    """Yield a sentence for each fault of the index. On SQLite it reads all rows and the index."""
    is_postgresql = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
    for index in INDEXES:
        yield from _postgresql_faults(index) if is_postgresql else _sqlite_faults(index)


def rebuild(report: Report) -> None:
    """Build the index anew, and what is missing of it; ``report`` is told what is done.

    On PostgreSQL nobody waits (``REINDEX CONCURRENTLY``), for which it must run outside of
    transactions; on SQLite whoever writes waits for each of five tables. Raises Django's database
    errors.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        for index in INDEXES:
            _rebuild_sqlite(index, report)
        return
    with connection.cursor() as cursor:
        if schema.has_trigrams(connection):
            for statement in schema.letters_statements(concurrently=True):
                cursor.execute(statement)
            matching.forget_indexes()
        for name in _postgresql_indexes():
            if _row("SELECT to_regclass(%s)", name)[0] is not None:
                if name != schema.PHOTO.words_index:
                    cursor.execute(f"ALTER INDEX {name} SET ({schema.DIRECT})")
                cursor.execute(f"REINDEX INDEX CONCURRENTLY {name}")
                report(f"{name}: built anew")


def _postgresql_indexes() -> Iterator[str]:
    for index in INDEXES:
        yield index.words_index
        if index.letters:
            yield index.letters_index


def _postgresql_faults(index: Index) -> Iterator[str]:
    names = [index.words_index, *([index.letters_index] if index.letters else [])]
    for name in names:
        found = _row("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", name)
        if not found:
            yield f"{name} is missing."
        elif not found[0]:
            yield f"{name} is not valid: the last time that it was built did not end well."


def _sqlite_tables(index: Index) -> list[str]:
    return [index.words_table, *([index.letters_table] if index.letters else [])]


def _sqlite_faults(index: Index) -> Iterator[str]:
    for event in TRIGGERS:
        name = trigger_name(index, event)
        if not _row("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s", name):
            yield f"The trigger {name} is missing: the index does not follow {index.table}."
    for table in _sqlite_tables(index):
        if not _row("SELECT 1 FROM sqlite_master WHERE name = %s", table):
            yield f"{table} is missing."
        elif not _is_sound(table):
            yield f"{table} does not hold what {index.table} says."


def _is_sound(table: str) -> bool:
    """Ask FTS5 to compare the index with the rows, by its own check.

    It knows rows that are missing in the index, and those whose text differs; of rows that were
    deleted it finds none, so their ids are compared.
    """
    ids = f"SELECT COUNT(*) FROM {table}_docsize WHERE id NOT IN (SELECT id FROM {table}_text)"  # noqa: S608
    try:
        with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
            cursor.execute(ids)
            return bool(cursor.fetchone()[0] == 0)
    except DatabaseError as error:
        # Any other error says nothing of the index.
        if "malformed" not in str(error):
            raise
        return False


def _rebuild_sqlite(index: Index, report: Report) -> None:
    with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for statement in schema.trigger_statements(index):
            cursor.execute(statement)
        for table in _sqlite_tables(index):
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608
            report(f"{table}: built anew")


def _row(statement: str, value: str) -> tuple[object, ...]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, [value])
        return cursor.fetchone() or ()
