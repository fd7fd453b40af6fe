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
from infra.cluster.processes.oneshot import OneShotRunner
from infra.cluster.servers.configuration import INFRA, rendered
from infra.cluster.servers.part import Part, nothing

TEMPLATES = INFRA / "postgres"
PRIMARY = "postgres"
DATABASE = "minigram"
# What postmaster.pid says of a primary and of a standby that accept connections.
READY = re.compile(r"^(ready|standby)\b", re.MULTILINE)
# All servers have their sockets in one folder, so that they differ in the port.
PORTS = {PRIMARY: 5432, "replica1": 5433, "replica2": 5434}
SIZES = {
    "POSTGRES_SHARED_BUFFERS": "128MB",
    "POSTGRES_EFFECTIVE_CACHE": "1GB",
    "POSTGRES_SLOT_SIZE": "1GB",
}
# A primary may start before the replicas that its writes wait for; no command waits without end.
SESSION_OPTIONS = "-c synchronous_commit=local -c statement_timeout=60s"
# The lag of a replica behind an LSN in bytes, and the age of its last replayed commit in seconds.
LAG = """
    SELECT pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn())::bigint,
           extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float
"""


@dataclass(frozen=True)
class PostgresServers:
    """The PostgreSQL servers of one cluster: a primary and the replicas of its stage.

    ``delays`` are replay delays by replica, as PostgreSQL writes them (``5s``).
    """

    layout: Layout
    runner: OneShotRunner
    replicas: tuple[str, ...]
    delays: dict[str, str]

    def parts(self) -> list[Part]:
        """Return the primary and the replicas.

        Raises ``MissingPackage`` if PostgreSQL is not installed.
        """
        return [self._part(PRIMARY), *(self._part(name) for name in self.replicas)]

    def url(self, name: str) -> str:
        """Return the address of a server for the site, its password included."""
        host = quote(str(self.layout.postgres_sockets), safe="")
        password = self.layout.secret("database")
        return f"postgres://minigram:{password}@{host}:{PORTS[name]}/{DATABASE}"

    def sql(self, name: str, query: str, *, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run a statement as superuser on one server, outside of a transaction.

        A write is committed on this server without waiting for replicas. Raises
        ``psycopg.Error`` if the server does not answer or refuses the statement.
        """
        with self._connect(name, database) as connection:
            # The text is ours or a test's; SQL from outside never comes here.
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def lag(self, name: str) -> tuple[int, float]:
        """Return how many bytes of write-ahead log, and how many seconds, a replica is behind.

        Raises ``psycopg.Error`` while the replica or the primary does not answer.
        """
        lsn = self.sql(PRIMARY, "SELECT pg_current_wal_lsn()")[0][0]
        with self._connect(name, DATABASE) as connection:
            row = connection.execute(LAG, [lsn]).fetchone()
        behind, seconds = row or (0, 0.0)
        # On an idle primary the last commit is long ago, although the replica lacks nothing.
        return max(behind, 0), (seconds or 0.0) if behind > 0 else 0.0

    def forget_standbys(self) -> None:
        """Remove ``synchronous_standby_names`` from the settings of a primary that is down.

        Its writes then wait for no replica until a keeper sets the names again. Nothing that was
        acknowledged is lost: the primary has all of it.
        """
        file = self.layout.postgres_data / PRIMARY / "postgresql.auto.conf"
        if file.exists():
            lines = file.read_text().splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith("synchronous_standby_names")]
            file.write_text("".join(kept))

    def _connect(self, name: str, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.layout.postgres_sockets),
            port=PORTS[name],
            user="postgres",
            password=self.layout.secret("superuser"),
            dbname=database,
            connect_timeout=3,
            autocommit=True,
            application_name="cluster",
            options=SESSION_OPTIONS,
        )

    def _part(self, name: str) -> Part:
        is_primary = name == PRIMARY
        folder = self.layout.postgres_data / name
        return Part(
            name=name,
            role="PostgreSQL, primary" if is_primary else "PostgreSQL, replica",
            address=f"{self.layout.postgres_sockets}/.s.PGSQL.{PORTS[name]}",
            command=[executables.path_of("postgres"), "-D", str(folder)],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            user=self.layout.postgres_user,
            is_ready=lambda: self._is_ready(name),
            depends_on=() if is_primary else (PRIMARY,),
            before_start=lambda: self._prepare(name, folder),
            after_start=self._make_database if is_primary else nothing,
        )

    def _is_ready(self, name: str) -> bool:
        pid_file = self.layout.postgres_data / name / "postmaster.pid"
        try:
            # Until the file says that connections are accepted, each attempt is a line in the log.
            if not READY.search(pid_file.read_text()):
                return False
            return self.sql(name, "SELECT 1", database="postgres") == [(1,)]
        except (psycopg.Error, FileNotFoundError):
            return False

    def _prepare(self, name: str, folder: Path) -> None:
        if name == PRIMARY:
            self._make_primary(folder)
        else:
            self._make_replica(name, folder)

    def _make_primary(self, folder: Path) -> None:
        self.layout.make_for_postgres()
        if not folder.exists():
            self._initialise(folder)
        self._configure(PRIMARY, folder, "primary.conf", "postgresql.conf")

    def _initialise(self, folder: Path) -> None:
        """Make an empty server, under its name only when it is complete."""
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        password = self.layout.postgres_data / "superuser.new"
        password.touch(mode=0o600)
        password.write_text(self.layout.secret("superuser"))
        self.layout.chown(password)
        try:
            # Without syncing: after a power failure in this moment it would only be made again.
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
        """Make the database and the roles if they are missing; drop slots of former replicas."""
        found = "SELECT 1 FROM pg_database WHERE datname = 'minigram'"
        if not self.sql(PRIMARY, found, database="postgres"):
            self.sql(PRIMARY, "CREATE DATABASE minigram", database="postgres")
        self.sql(PRIMARY, rendered(TEMPLATES / "roles.sql", self._passwords()))
        # The slot of a replica that no longer exists would retain write-ahead log without end.
        for name in self._slots() - set(self.replicas):
            self._drop_slot(name)

    def _make_replica(self, name: str, folder: Path) -> None:
        """Copy the primary, unless this replica can resume streaming from where it was."""
        # Without that file the server was promoted, and has a timeline of its own.
        if not ((folder / "standby.signal").exists() and self._can_resume(name)):
            shutil.rmtree(folder, ignore_errors=True)
            if name in self._slots():
                self._drop_slot(name)
            # It retains write-ahead log from now on, not only from the first connection.
            self.sql(PRIMARY, f"SELECT pg_create_physical_replication_slot('{name}', true)")
            self._copy_primary(name, folder)
        self._configure(name, folder, "primary.conf", "primary.conf")
        self._configure(name, folder, "replica.conf", "postgresql.conf")

    def _slots(self) -> set[str]:
        return {row[0] for row in self.sql(PRIMARY, "SELECT slot_name FROM pg_replication_slots")}

    def _drop_slot(self, name: str) -> None:
        with self._connect(PRIMARY, DATABASE) as connection:
            connection.execute("SELECT pg_drop_replication_slot(%s)", [name])

    def _can_resume(self, name: str) -> bool:
        """Tell whether the primary still has all write-ahead log that a replica lacks."""
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
            *(f"--host={self.layout.postgres_sockets}", f"--port={PORTS[PRIMARY]}"),
            *("--username=replicator", "--no-password", "--no-sync"),
        )
        (new / "standby.signal").touch()
        # ALTER SYSTEM on the primary must not configure the replica.
        (new / "postgresql.auto.conf").write_text("")
        self.layout.chown(new / "standby.signal")
        new.rename(folder)

    def _configure(self, name: str, folder: Path, template: str, target: str) -> None:
        """Render a template, and pg_hba.conf, into the data folder of a server."""
        values = {
            **SIZES,
            **self._passwords(),
            "POSTGRES_NAME": name,
            "POSTGRES_LISTEN": "",
            "POSTGRES_NETWORK": "127.0.0.1/32",
            "POSTGRES_PORT": PORTS[name],
            "POSTGRES_SOCKET_DIR": self.layout.postgres_sockets,
            "POSTGRES_APPLY_DELAY": self.delays.get(name, "0"),
            "PRIMARY_HOST": self.layout.postgres_sockets,
            "PRIMARY_PORT": PORTS[PRIMARY],
        }
        for source, path in ((template, target), ("pg_hba.conf", "pg_hba.conf")):
            file = folder / path
            file.touch(mode=0o600)
            file.write_text(rendered(TEMPLATES / source, values))
            self.layout.chown(file)

    def _passwords(self) -> dict[str, str]:
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
        user = self.layout.postgres_user
        self.runner.run(what, command, env, user=user, folder=self.layout.postgres_data)
