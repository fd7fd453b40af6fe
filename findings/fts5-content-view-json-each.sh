#!/usr/bin/env bash
# SQLite 3.54.1: FTS5 reads its texts through a view that uses json_each, and can never be rebuilt from it.
#
# Behaviour: an external-content table whose content is a view with json_each() in it can be created and filled,
# finds rows, and returns their columns and snippets, all of which it reads through that view. The command
# 'rebuild' fails with "no such table: main.json_each", and so does 'integrity-check' where it compares the
# index with the content (rank 1), there without saying why: "SQL logic error". The plain 'integrity-check'
# is content. A view that takes the same words by json_extract() can be rebuilt.
#
# Why it surprises: the table works for months, until somebody needs the one command that repairs it. FTS5
# prepares the statements of these commands so that no virtual table may be in them, and json_each is one.
# Lists within JSON have to be taken out by a function for each place, or written to the index by triggers alone.
#
# Seen on 2026-11-30:
#   SQLite 3.54.1
#   find: two boats a gull
#   snippet: two boats a [gull]
#   check: ok
#   rebuild: no such table: main.json_each
#   check against the content: SQL logic error
#   rebuild by json_extract: ok, 1 found
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check apsw==3.54.1.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import apsw

database = apsw.Connection(":memory:")
database.execute("CREATE TABLE photo (id INTEGER PRIMARY KEY, caption TEXT, more TEXT)")
more = '[{"alt": "two boats"}, {"alt": "a gull"}]'
database.execute("INSERT INTO photo VALUES (1, 'harbour at dawn', ?)", (more,))
ALL = "(SELECT group_concat(value->>'$.alt', ' ') FROM json_each(photo.more))"
FIRST_TWO = "more->>'$[0].alt' || ' ' || (more->>'$[1].alt')"


def index(name: str, alts: str) -> None:
    """Create a view of the texts, and an index whose content it is; fill the index."""
    database.execute(f"CREATE VIEW {name}_words AS SELECT id, caption, {alts} AS alts FROM photo")
    options = f"content='{name}_words', content_rowid='id'"
    database.execute(f"CREATE VIRTUAL TABLE {name} USING fts5(caption, alts, {options})")
    database.execute(f"INSERT INTO {name} (rowid, caption, alts) SELECT * FROM {name}_words")


def answer(statement: str) -> str:
    try:
        rows = list(database.execute(statement))
    except apsw.Error as error:
        return str(error)
    return str(rows[0][0]) if rows else "ok"


index("listed", ALL)
index("taken", FIRST_TWO)
found = "FROM listed WHERE listed MATCH 'gull'"
seen = {
    "find": answer(f"SELECT alts {found}"),
    "snippet": answer(f"SELECT snippet(listed, 1, '[', ']', '', 9) {found}"),
    "check": answer("INSERT INTO listed (listed) VALUES ('integrity-check')"),
    "rebuild": answer("INSERT INTO listed (listed) VALUES ('rebuild')"),
    "check against the content": answer(
        "INSERT INTO listed (listed, rank) VALUES ('integrity-check', 1)"
    ),
    "rebuild by json_extract": answer("INSERT INTO taken (taken) VALUES ('rebuild')")
    + f", {answer('SELECT count(*) FROM taken WHERE taken MATCH ' + repr('gull'))} found",
}
print(f"SQLite {apsw.sqlite_lib_version()}")
for what, said in seen.items():
    print(f"{what}: {said}")
expected = {
    "find": "two boats a gull",
    "snippet": "two boats a [gull]",
    "check": "ok",
    "rebuild": "no such table: main.json_each",
    "check against the content": "SQL logic error",
    "rebuild by json_extract": "ok, 1 found",
}
changed = [what for what, said in seen.items() if said != expected[what]]
if changed:
    sys.exit("FTS5 answers otherwise now: " + ", ".join(changed))
PYTHON
