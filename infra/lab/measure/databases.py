"""What PostgreSQL says of itself during a run: statements, connections, locks, lag of replicas."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from infra.lab.records import Database

# One round trip. Sessions of other roles (replication, an administrator's) are not the site's.
MOMENT = """
    SELECT (SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND usename = current_user
               AND application_name <> 'lab'),
           (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'),
           (SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float * 1000
              FROM pg_stat_replication)
"""
# How a check of a foreign key begins, as PostgreSQL words it. Django defers these checks to the
# commit, which is no statement that they could be part of: each is counted as one by itself.
FOREIGN_KEY_CHECK = "^SELECT [$0-9]+ FROM ONLY "
# Statements of requests: without BEGIN and COMMIT, without those of the lab, without the checks of
# foreign keys that PostgreSQL makes at a commit and counts as statements, and without what each
# process asks beside its requests (the state of the servers, and whether the cache may be used).
CALLS = f"""
    SELECT (SELECT tup_returned FROM pg_stat_database WHERE datname = current_database()),
           coalesce(sum(calls), 0)::bigint,
           coalesce(sum(calls) FILTER (WHERE query ~* '^[[:space:]]*(SELECT|WITH)'), 0)::bigint
      FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
     WHERE d.datname = current_database()
       AND query !~* '^[[:space:]]*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|DISCARD|DEALLOCATE)'
       AND query !~ '{FOREIGN_KEY_CHECK}'
       AND query !~ '(pg_stat_|pg_is_in_recovery|minigram_cache_state)'
"""  # noqa: S608 - our own text

# Rows looked at, statements, and reads among those.
StatementCounts = tuple[int, int, int]


def addresses(env: Mapping[str, str]) -> dict[str, str]:
    """Return the database servers that an environment names; none for SQLite."""
    url = env.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return {}
    replicas = [each for each in env.get("DATABASE_REPLICA_URLS", "").split(",") if each.strip()]
    named = {"postgres": url, **{f"replica{n}": each for n, each in enumerate(replicas, 1)}}
    return {name: _plain(address.strip()) for name, address in named.items()}


def _plain(url: str) -> str:
    """Return an address without the options that are Django's."""
    return urlunsplit(urlsplit(url)._replace(query=""))


def connect(address: str) -> psycopg.Connection[Any]:
    """Open a connection of the lab's own; raises ``psycopg.Error`` after two seconds of silence."""
    return psycopg.connect(
        address,
        connect_timeout=2,
        autocommit=True,
        application_name="lab",
        prepare_threshold=0,
        options="-c statement_timeout=2000",
    )


@dataclass
class DatabaseSampler:
    """Watches the servers of a stage; one that is down is left out until it answers again."""

    servers: dict[str, str]
    connections: dict[str, Any] = field(default_factory=dict)
    began: dict[str, StatementCounts] = field(default_factory=dict)
    ended: dict[str, StatementCounts] = field(default_factory=dict)
    most_connections: int = 0
    lock_waits: int = 0
    largest_lag: float = 0.0

    def begin(self) -> None:
        """Note where the counts stand at the beginning."""
        self.began = self._calls()

    def sample(self) -> None:
        """Sample connections, locks and lag of the primary once. About a millisecond."""
        row = self._ask("postgres", MOMENT) if self.servers else None
        if row is not None:
            self.most_connections = max(self.most_connections, row[0])
            self.lock_waits += row[1]
            self.largest_lag = max(self.largest_lag, row[2])

    def end(self) -> None:
        """Note where the counts stand now, and close the connections."""
        self.ended = self._calls()
        for connection in self.connections.values():
            connection.close()

    def figures(self, seconds: float, requests: int) -> Database:
        """Return what was seen; nothing where the stage has no PostgreSQL."""
        if not self.servers:
            return Database()
        known = [name for name in self.began if name in self.ended]
        rows, calls, _ = (
            sum(self.ended[name][field] - self.began[name][field] for name in known)
            for field in range(3)
        )
        reads = {name: self.ended[name][2] - self.began[name][2] for name in known}
        every = sum(reads.values())
        return Database(
            queries_per_second=round(calls / seconds, 1) if known and calls >= 0 else None,
            queries_per_request=round(calls / requests, 2) if known and requests else None,
            rows_per_request=round(rows / requests, 1) if known and requests else None,
            connections=self.most_connections,
            lock_waits=self.lock_waits,
            replica_lag_ms=round(self.largest_lag, 1) if len(self.servers) > 1 else None,
            reads={name: round(each / every, 3) for name, each in reads.items()} if every else {},
        )

    def _calls(self) -> dict[str, StatementCounts]:
        rows = {name: self._ask(name, CALLS) for name in self.servers}
        return {name: (int(row[0]), int(row[1]), int(row[2])) for name, row in rows.items() if row}

    def _ask(self, name: str, query: str) -> Any:
        """Return the one row of a query; ``None`` where the server does not answer."""
        try:
            if name not in self.connections:
                self.connections[name] = connect(self.servers[name])
            return self.connections[name].execute(query).fetchone()
        except psycopg.Error:
            with contextlib.suppress(psycopg.Error, KeyError):
                self.connections.pop(name).close()
            return None
