"""Refuses migrations that the release before them could not live with; ``make check`` runs it.

``migrate`` runs while the old release answers (docs/operations.md, "Updating"). The linter reads
the SQL for PostgreSQL, which ``DATABASE_URL`` must name; no table is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import django
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

APPS = ("accounts", "photos", "social", "cache")
# Migrations that were looked at and are safe nevertheless, such as one that widens a column, or
# drops what the release before it had stopped using: "0002_name".
EXAMINED: tuple[str, ...] = ()


def are_safe() -> bool:
    """Tell whether all migrations of the site are safe; write what each unsafe one does."""
    from django_migration_linter import MigrationLinter

    linter = MigrationLinter(
        include_apps=list(APPS),
        ignore_name=list(EXAMINED),
        ignore_initial_migrations=True,
        analyser_string="postgresql",
        warnings_as_errors_tests=["CREATE_INDEX", "CREATE_INDEX_EXCLUSIVE", "DROP_INDEX"],
        quiet=["ok", "ignore", "warning"],
        no_cache=True,
    )
    linter.lint_all_migrations()
    without_default = list(_columns_without_default())
    for column in without_default:
        sys.stdout.write(f"{column} needs a db_default: the old release does not know it.\n")
    return not (linter.has_errors or without_default)


def _columns_without_default() -> Iterator[str]:
    """Yield the new columns that have no default in the database, on SQLite above all."""
    for (app, name), migration in MigrationLoader(connection).disk_migrations.items():
        if app not in APPS or name in EXAMINED:
            continue
        for operation in migration.operations:
            if not isinstance(operation, migrations.AddField):
                continue
            field = operation.field
            if not (field.null or field.many_to_many or field.has_db_default()):
                yield f"{app}.{name}: {operation.model_name}.{operation.name}"


if __name__ == "__main__":
    django.setup()
    sys.exit(not are_safe())
