#!/usr/bin/env bash
# PostgreSQL 15 plans a prepared page of rows anew at every execution if its LIMIT is a parameter.
#
# Behaviour: a statement is prepared once and executed 200 times with the same values. With the number
# of rows written into the text (LIMIT 20) PostgreSQL makes a plan for the first five executions and one
# generic plan for all that follow. With the number as a parameter (LIMIT $2) it makes a new plan for
# each of the 200, although all ask for 20 rows.
#
# Why it surprises: prepared statements are used in order not to plan, and a parameter is how drivers
# and ORMs hand over a number. A limit that is not known when the generic plan is made counts as a tenth
# of all rows that there would be: the generic plan looks dearer than any made for 20, and is never
# taken. The column custom_plans of pg_prepared_statements is where it shows; the log of slow statements
# says nothing of it.
#
# Seen on 2026-11-30:
#   psycopg 3.3.9, PostgreSQL 150018
#   LIMIT in the text: 195 executions by the generic plan, 5 planned anew
#   LIMIT as a parameter: 0 executions by the generic plan, 200 planned anew
set -euo pipefail

bin=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1) || true
if [[ -z $bin ]]; then
    echo "skipped: no PostgreSQL is installed"
    exit 0
fi

folder=$(mktemp -d)
server=
stop() {
    if [[ -n $server ]]; then
        kill -INT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    psycopg==3.3.9 psycopg-binary==3.3.9 typing-extensions==4.16.0 || exit 2

as_owner=(env -C "$folder")
if [[ $(id -u) == 0 ]]; then # PostgreSQL refuses to run as root
    chown nobody "$folder"
    as_owner+=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups)
fi
"${as_owner[@]}" "$bin/initdb" -D "$folder/data" -A trust -U postgres -N --locale=C >/dev/null || exit 2
"${as_owner[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= >"$folder/log" 2>&1 &
server=$!
for _ in {1..100}; do
    "$bin/pg_isready" -q -h "$folder" && break
    sleep 0.2
done
"$bin/pg_isready" -q -h "$folder" || { cat "$folder/log" >&2; exit 2; }

"$folder/venv/bin/python" - "host=$folder user=postgres dbname=postgres" <<'PYTHON'
import sys

import psycopg

EXECUTIONS = 200
PAGE = """
    select picture.id, person.name from picture join person on person.id = picture.person_id
    where picture.id < %(before)s order by picture.id desc limit {limit}
"""
COUNTS = "select generic_plans, custom_plans from pg_prepared_statements where statement like %s"

connection = psycopg.connect(sys.argv[1], autocommit=True)
server = connection.info.server_version
print(f"psycopg {psycopg.__version__}, PostgreSQL {server}")
connection.execute("create table person (id integer primary key, name text not null)")
connection.execute(
    "create table picture (id integer primary key, person_id integer not null references person)"
)
connection.execute("insert into person select n, 'person ' || n from generate_series(1, 500) n")
connection.execute(
    "insert into picture select n, 1 + n % 500 from generate_series(1, 100000) n"
)
connection.execute("analyze")
seen = {}
for name, limit, mark in (
    ("in the text", "20", "%desc limit 20%"),
    ("as a parameter", "%(limit)s", "%desc limit $%"),
):
    for _ in range(EXECUTIONS):
        rows = connection.execute(
            PAGE.format(limit=limit), {"before": 90000, "limit": 20}, prepare=True
        ).fetchall()
        assert [row[0] for row in rows] == list(range(89999, 89979, -1))
    seen[name] = connection.execute(COUNTS, [mark]).fetchone()
    generic, custom = seen[name]
    print(f"LIMIT {name}: {generic} executions by the generic plan, {custom} planned anew")
if seen != {"in the text": (EXECUTIONS - 5, 5), "as a parameter": (0, EXECUTIONS)}:
    sys.exit("This has changed: other executions are planned anew.")
PYTHON
