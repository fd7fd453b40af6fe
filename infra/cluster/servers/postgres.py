"""PostgreSQL: a primary with real passwords, and streaming replicas of it."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from infra.cluster.layout import Layout
from infra.cluster.processes import executables
from infra.cluster.processes.oneshot import Tasks
from infra.cluster.rendering import rendered
from infra.cluster.servers.part import Part
from infra.project import PROJECT

TEMPLATES = PROJECT / "infra" / "postgres"
PRIMARY = "postgres"
DATABASE = "minigram"
READY = re.compile(r"^(ready|standby)\b", re.MULTILINE)
# One folder holds all sockets, so servers differ in the number, as they would on one host.
PORTS = {PRIMARY: 5432, "replica1": 5433, "replica2": 5434}
SIZES = {
    "POSTGRES_SHARED_BUFFERS": "128MB",
    "POSTGRES_EFFECTIVE_CACHE": "1GB",
    "POSTGRES_SLOT_SIZE": "1GB",
}
# A primary may start before the replicas that its writes wait for; nothing here waits for ever.
ALONE = "-c synchronous_commit=local -c statement_timeout=60s"
# Wanted: that many bytes of write-ahead log behind, and the time of the last replayed commit.
LAG = """
    SELECT pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn())::bigint,
           extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float
"""


@dataclass(frozen=True)
class Servers:
    """The PostgreSQL servers of one cluster."""

    layout: Layout
    tasks: Tasks
    replicas: tuple[str, ...]
    delays: dict[str, str]

    def parts(self) -> list[Part]:
        """Return the primary and the replicas of this stage."""
        return [self._part(PRIMARY), *(self._part(name) for name in self.replicas)]

    def url(self, name: str) -> str:
        """Return the address of a server for the site, its password included."""
        host = quote(str(self.layout.sockets), safe="")
        password = self.layout.secret("database")
        return f"postgres://minigram:{password}@{host}:{PORTS[name]}/{DATABASE}"

    def sql(self, name: str, query: str, *, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run a statement as superuser on one server, outside of a transaction.

        A write is committed on this server alone: it does not wait for replicas.
        """
        with self._connect(name, database) as connection:
            # The text is ours or a test's; SQL from outside never comes here.
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def lag(self, name: str) -> tuple[int, float]:
        """Return how many bytes, and how many seconds, a replica is behind.

        Raises ``psycopg.Error`` while it or the primary does not answer.
        """
        position = self.sql(PRIMARY, "SELECT pg_current_wal_lsn()")[0][0]
        with self._connect(name, DATABASE) as connection:
            row = connection.execute(LAG, [position]).fetchone()
        behind, seconds = row or (0, 0.0)
        # On an idle primary the last commit is long ago, and nothing is missing all the same.
        return max(behind, 0), (seconds or 0.0) if behind > 0 else 0.0

    def forget_standbys(self) -> None:
        """Let a primary that is down not wait for replicas when it starts, until a keeper says so.

        Nothing that was acknowledged is lost: the primary has all of it.
        """
        file = self.layout.servers / PRIMARY / "postgresql.auto.conf"
        if file.exists():
            lines = file.read_text().splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith("synchronous_standby_names")]
            file.write_text("".join(kept))

    def _connect(self, name: str, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.layout.sockets),
            port=PORTS[name],
            user="postgres",
            password=self.layout.secret("superuser"),
            dbname=database,
            connect_timeout=3,
            autocommit=True,
            application_name="cluster",
            options=ALONE,
        )

    def _part(self, name: str) -> Part:
        primary = name == PRIMARY
        folder = self.layout.servers / name
        return Part(
            name=name,
            role="PostgreSQL, primary" if primary else "PostgreSQL, replica",
            where=f"{self.layout.sockets}/.s.PGSQL.{PORTS[name]}",
            command=[executables.path_of("postgres"), "-D", str(folder)],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            user=self.layout.user,
            answers=lambda: self._answers(name),
            needs=() if primary else (PRIMARY,),
            prepare=(lambda: self._make_primary(folder)) if primary else lambda: self._make(name),
            settle=self._make_database if primary else lambda: None,
        )

    def _answers(self, name: str) -> bool:
        try:
            # It says there when it is worth asking; until then each question is a line in its log.
            if not READY.search((self.layout.servers / name / "postmaster.pid").read_text()):
                return False
            return self.sql(name, "SELECT 1", database="postgres") == [(1,)]
        except (psycopg.Error, FileNotFoundError):
            return False

    def _make_primary(self, folder: Path) -> None:
        self.layout.make_for_postgres()
        if not folder.exists():
            self._initialise(folder)
        self._configure(PRIMARY, folder, "primary.conf", "postgresql.conf")

    def _initialise(self, folder: Path) -> None:
        """Make an empty server; it has its name only when it is whole."""
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        password = self.layout.servers / "superuser.new"
        password.touch(mode=0o600)
        password.write_text(self.layout.secret("superuser"))
        self.layout.give(password)
        try:
            # Nothing is lost if the power fails now: it would only be made again.
            self._run(
                "Making PostgreSQL's files",
                "initdb",
                *(f"--pgdata={new}", "--username=postgres", f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
                *("--data-checksums", "--no-sync", "--no-instructions"),
            )
        finally:
            password.unlink()
        new.rename(folder)

    def _make_database(self) -> None:
        """Make the database and the roles if they are missing."""
        found = "SELECT 1 FROM pg_database WHERE datname = 'minigram'"
        if not self.sql(PRIMARY, found, database="postgres"):
            self.sql(PRIMARY, "CREATE DATABASE minigram", database="postgres")
        self.sql(PRIMARY, rendered(TEMPLATES / "roles.sql", self._secrets()))
        # A slot of a replica that is not there any more would keep files for nobody.
        for name in self._slots() - set(self.replicas):
            self._drop_slot(name)

    def _make(self, name: str) -> None:
        """Copy the primary, unless this replica is there and can go on from where it was."""
        folder = self.layout.servers / name
        # Without that file it has been promoted, and has a history of its own.
        if not ((folder / "standby.signal").exists() and self._can_go_on(name)):
            shutil.rmtree(folder, ignore_errors=True)
            if name in self._slots():
                self._drop_slot(name)
            # It keeps the log from now on, not only from the first connection.
            self.sql(PRIMARY, f"SELECT pg_create_physical_replication_slot('{name}', true)")
            self._copy_primary(name, folder)
        self._configure(name, folder, "primary.conf", "primary.conf")
        self._configure(name, folder, "replica.conf", "postgresql.conf")

    def _slots(self) -> set[str]:
        return {row[0] for row in self.sql(PRIMARY, "SELECT slot_name FROM pg_replication_slots")}

    def _drop_slot(self, name: str) -> None:
        with self._connect(PRIMARY, DATABASE) as connection:
            connection.execute("SELECT pg_drop_replication_slot(%s)", [name])

    def _can_go_on(self, name: str) -> bool:
        with self._connect(PRIMARY, DATABASE) as connection:
            query = (
                "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND wal_status != 'lost'"
                " AND restart_lsn IS NOT NULL"
            )
            return connection.execute(query, [name]).fetchone() is not None

    def _copy_primary(self, name: str, folder: Path) -> None:
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        self._run(
            f"Copying the primary for {name}",
            "pg_basebackup",
            *(f"--pgdata={new}", "--wal-method=stream", f"--slot={name}", "--checkpoint=fast"),
            *(f"--host={self.layout.sockets}", f"--port={PORTS[PRIMARY]}"),
            *("--username=replicator", "--no-password", "--no-sync"),
        )
        (new / "standby.signal").touch()
        # Settings that were changed by command on the primary are not the replica's.
        (new / "postgresql.auto.conf").write_text("")
        self.layout.give(new / "standby.signal")
        new.rename(folder)

    def _configure(self, name: str, folder: Path, template: str, target: str) -> None:
        values = {
            **SIZES,
            **self._secrets(),
            "POSTGRES_NAME": name,
            "POSTGRES_LISTEN": "",
            "POSTGRES_NETWORK": "127.0.0.1/32",
            "POSTGRES_PORT": PORTS[name],
            "POSTGRES_SOCKET_DIR": self.layout.sockets,
            "POSTGRES_APPLY_DELAY": self.delays.get(name, "0"),
            "PRIMARY_HOST": self.layout.sockets,
            "PRIMARY_PORT": PORTS[PRIMARY],
        }
        for source, path in ((template, target), ("pg_hba.conf", "pg_hba.conf")):
            file = folder / path
            file.touch(mode=0o600)
            file.write_text(rendered(TEMPLATES / source, values))
            self.layout.give(file)

    def _secrets(self) -> dict[str, str]:
        return {
            "DATABASE_PASSWORD": self.layout.secret("database"),
            "REPLICATION_PASSWORD": self.layout.secret("replication"),
        }

    def _run(self, what: str, program: str, *arguments: str) -> None:
        env = {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            "PGPASSWORD": self.layout.secret("replication"),
        }
        command = [executables.path_of(program), *arguments]
        user = self.layout.user
        self.tasks.run(what, command, env, user=user, folder=self.layout.servers)
