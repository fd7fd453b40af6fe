#!/usr/bin/env bash
# psycopg 3.3.9 in autocommit sends a prepared statement for ever that the server refuses each time.
#
# Behaviour: after five executions psycopg prepares a query by itself. Another connection then changes
# the type of a column. From there on the query fails on the first connection with "cached plan must not
# change result type" (SQLSTATE 0A000): psycopg neither prepares it again nor forgets it.
#
# Why it surprises: nobody asked for a prepared statement, and the same text runs at once with
# prepare=False. A rollback makes psycopg forget, so that in a transaction only the first try fails;
# autocommit has none, and there a harmless change of the schema lasts until the connection is closed.
#
# Seen on 2026-11-30:
#   psycopg 3.3.9, libpq 180006, PostgreSQL 150018
#   autocommit: 50 of 50 refused, 0A000 cached plan must not change result type
#   prepare=False on that connection: [(1,)], after DEALLOCATE ALL: [(1,)]
#   in transactions: 1 of 50 refused, 0A000 cached plan must not change result type
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

QUERY = "select size from picture"
kinds = {"autocommit": True, "in transactions": False}
connections = {name: psycopg.connect(sys.argv[1], autocommit=kind) for name, kind in kinds.items()}
owner = psycopg.connect(sys.argv[1], autocommit=True)
server = owner.info.server_version
print(f"psycopg {psycopg.__version__}, libpq {psycopg.pq.version()}, PostgreSQL {server}")
owner.execute("create table picture (size integer)")
owner.execute("insert into picture values (1)")
for connection in connections.values():
    for _ in range(6):
        connection.execute(QUERY)
        connection.commit()
owner.execute("alter table picture alter size type bigint")
refused = {}
for name, connection in connections.items():
    refused[name] = []
    for _ in range(50):
        try:
            connection.execute(QUERY)
            connection.commit()
        except psycopg.errors.FeatureNotSupported as error:
            refused[name].append(f"{error.sqlstate} {error}")
            connection.rollback()
    print(f"{name}: {len(refused[name])} of 50 refused,", *set(refused[name]))
    if connection.autocommit:
        plain = connection.execute(QUERY, prepare=False).fetchall()
        connection.execute("DEALLOCATE ALL")
        healed = connection.execute(QUERY).fetchall()
        print(f"prepare=False on that connection: {plain}, after DEALLOCATE ALL: {healed}")
if [len(errors) for errors in refused.values()] != [50, 1]:
    sys.exit("This has changed: other executions are refused than all 50, and 1 in transactions.")
PYTHON
