#!/usr/bin/env bash
# Django 5.2 cannot list the constraints of an SQLite table with CHECK (size IN (1, 2)); (1,2) it can.
#
# Behaviour: connection.introspection.get_constraints() raises IndexError for a table whose definition
# ends in a condition with a list of two values and a blank behind the comma. Without the blank, or with
# another column behind the condition, the same is read. inspectdb writes a comment
# in the place of the model.
#
# Why it surprises: the table is valid, SQLite keeps its definition to the letter, and Django itself
# writes such conditions with blanks (CheckConstraint with Q(size__in=[1, 2])), so that tables that its
# own migrations made cannot be read back. It splits the definition at each comma with a blank, to look
# for the names of columns, and takes the second value for a column without a name.
#
# Seen on 2026-11-30:
#   Django 5.2.19, SQLite 3.40.1
#   CHECK (size IN (1, 2))                 IndexError: list index out of range
#   CHECK (size IN (1,2))                  ['__primary__', '__unnamed_constraint_1__']
#   CHECK (size IN (1, 2)), title text     ['__primary__', '__unnamed_constraint_1__']
#   made by a migration's CheckConstraint  IndexError: list index out of range
#   inspectdb: # Unable to inspect table 'photo'
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check django==5.2.19 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import io
import sqlite3
import sys

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
)
django.setup()

from django.core.management import call_command
from django.db import connection, models


class Photo(models.Model):
    size = models.IntegerField()

    class Meta:
        app_label = "photos"
        db_table = "photo"
        constraints = [
            models.CheckConstraint(condition=models.Q(size__in=[1, 2]), name="size_is_known")
        ]


COLUMNS = "id integer primary key, size integer"
TABLES = {
    "CHECK (size IN (1, 2))": f"{COLUMNS}, CHECK (size IN (1, 2))",
    "CHECK (size IN (1,2))": f"{COLUMNS}, CHECK (size IN (1,2))",
    "CHECK (size IN (1, 2)), title text": f"{COLUMNS} CHECK (size IN (1, 2)), title text",
    "made by a migration's CheckConstraint": "",
}
print(f"Django {django.__version__}, SQLite {sqlite3.sqlite_version}")
seen = []
for name, columns in TABLES.items():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS photo")
        if columns:
            cursor.execute(f"CREATE TABLE photo ({columns})")
    if not columns:
        with connection.schema_editor() as editor:
            editor.create_model(Photo)
    with connection.cursor() as cursor:
        try:
            found = sorted(connection.introspection.get_constraints(cursor, "photo"))
        except IndexError as error:
            found = f"IndexError: {error}"
    seen.append(isinstance(found, str))
    print(f"{name:38} {found}")
written = io.StringIO()
call_command("inspectdb", "photo", stdout=written)
refusals = [line for line in written.getvalue().splitlines() if "Unable to inspect" in line]
print("inspectdb:", *refusals)
if seen != [True, False, False, True] or not refusals:
    sys.exit("This has changed: other tables can be read than the second and the third.")
PYTHON
