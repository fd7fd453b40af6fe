"""Dumps: the database of one moment as a file, and back into an empty database."""

from __future__ import annotations

import fcntl
import gzip
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg.conninfo import make_conninfo

from infra.backup.errors import BackupError
from infra.ops import database_copy
from infra.ops.libpq import connection_parameters

# Where Debian has the programs of each major version.
# minigram_site.instance_lock calls its connection so.
LOCK_CONNECTION = "minigram instance"
PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Snapshot:
    """A dump on its way: the file, and an alias that reads the rows of the same moment."""

    file: Path
    alias: str
    server: str
    dumped_by: str


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """Dump the site's database into a file in ``folder``; the site goes on writing meanwhile.

    The alias is good for the body of the ``with``. Raises ``BackupError`` if the dump cannot be
    made or read back.
    """
    make = _of_sqlite if connections[DEFAULT_DB_ALIAS].vendor == "sqlite" else _of_postgresql
    with make(folder) as made:
        yield made


def load(file: Path) -> None:
    """Put a dump into the site's empty database. Raises ``BackupError``; then it is still empty."""
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        _into_sqlite(file)
    else:
        _into_postgresql(file)


def server_version() -> str:
    """Return the version of the site's database server. One query."""
    numbers = connections[DEFAULT_DB_ALIAS].get_database_version()
    return ".".join(map(str, numbers))


def is_in_use() -> bool:
    """Tell whether a process of the site is connected, by the lock that each of them holds."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = %s)",
                [LOCK_CONNECTION],
            )
            return bool(cursor.fetchone()[0])
    path = Path(connection.settings_dict["NAME"])
    return any(_is_locked(lock) for lock in path.parent.glob(f"{path.name}-instance-*.lock"))


def _is_locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def row_counts(alias: str) -> dict[str, int]:
    """Return the number of rows of each table that the site's models have and ``alias`` has too."""
    connection = connections[alias]
    tables = set(connection.introspection.table_names())
    counts = {}
    with connection.cursor() as cursor:
        for name in sorted({model._meta.db_table for model in database_copy.models()} & tables):
            # The names of tables are the site's own.
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            counts[name] = int(cursor.fetchone()[0])
    return counts


@contextmanager
def _of_sqlite(folder: Path) -> Iterator[Snapshot]:
    """Copy all pages in one step, which is one moment and holds no writer up (WAL)."""
    copy, packed = folder / "db.sqlite3", folder / "database"
    path = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
    with closing(sqlite3.connect(path, timeout=20)) as site, closing(sqlite3.connect(copy)) as ours:
        site.backup(ours, pages=-1)
        # One file again: the log beside it would have to be kept with it.
        ours.execute("PRAGMA journal_mode=DELETE")
        refuse_damaged(ours)
    with copy.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target)
    with database_copy.open_source(copy):
        version = server_version()
        yield Snapshot(packed, database_copy.SOURCE, version, f"SQLite {version}")


def refuse_damaged(database: sqlite3.Connection) -> None:
    """Raise ``BackupError`` if SQLite finds the database damaged. Reads all of it."""
    found = [row[0] for row in database.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
    dangling = database.execute("PRAGMA foreign_key_check")
    found += [f"a row of {row[0]} refers to none" for row in dangling]
    if found:
        raise BackupError(f"The database is damaged: {'; '.join(found[:3])}.")


def _into_sqlite(file: Path) -> None:
    path = Path(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])
    unfinished = path.with_name(f"{path.name}.restoring")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with gzip.open(file, "rb") as source, os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        with closing(sqlite3.connect(unfinished)) as database:
            refuse_damaged(database)
        connections[DEFAULT_DB_ALIAS].close()
        # The log of the former database would be laid over the new one.
        for suffix in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        unfinished.replace(path)
    except (OSError, EOFError, sqlite3.Error) as error:
        raise BackupError(f"The database could not be restored: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _of_postgresql(folder: Path) -> Iterator[Snapshot]:
    """Let pg_dump and this connection see one moment."""
    connection = connections[DEFAULT_DB_ALIAS]
    file = folder / "database"
    pg_dump = program("pg_dump")
    database_copy.lift_limits(DEFAULT_DB_ALIAS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        shared = f"--snapshot={cursor.fetchone()[0]}"
        # Owners, rights and comments belong to a server; a restore makes its own.
        plain = ("--no-owner", "--no-privileges", "--no-comments")
        _run(pg_dump, ["--format=custom", *plain, shared, f"--file={file}", _address()])
        _run(program("pg_restore"), ["--list", str(file)])
        made_by = _run(pg_dump, ["--version"]).strip()
        yield Snapshot(file, DEFAULT_DB_ALIAS, server_version(), made_by)


def _into_postgresql(file: Path) -> None:
    """Restore all or nothing. Extensions stay as they are: only superusers may make some."""
    pg_restore = program("pg_restore")
    listed = _run(pg_restore, ["--list", str(file)]).splitlines()
    extensions = {found[1] for line in listed if (found := re.search(r" EXTENSION - (\S+)", line))}
    _make_extensions(extensions)
    kept = file.with_name("list")
    kept.write_text("\n".join(line for line in listed if " EXTENSION " not in line))
    connections[DEFAULT_DB_ALIAS].close()
    whole = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    plain = ("--no-owner", "--no-privileges", f"--use-list={kept}")
    _run(pg_restore, [*whole, *plain, f"--dbname={_address()}", str(file)])


def _make_extensions(names: set[str]) -> None:
    """Make what the database lacks and its owner may make; an index that needs more says so."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_available_extension_versions "
            "WHERE trusted AND NOT installed AND name = ANY(%s) GROUP BY name",
            [sorted(names)],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {connection.ops.quote_name(name)}")


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL whose major version is the server's.

    A newer one writes what the server cannot read. Raises ``BackupError`` if there is none.
    """
    major = server_version().partition(".")[0]
    path = PROGRAMS / major / "bin" / name
    if path.exists():
        return str(path)
    found = shutil.which(name)
    if found and re.search(rf"\) {major}\b", _run(found, ["--version"])):
        return found
    raise BackupError(
        f"{name} of PostgreSQL {major}, the server's version, is missing: "
        f"apt-get install postgresql-client-{major}"
    )


def _address() -> str:
    """Return where the database is, as libpq reads it, without the password."""
    parameters = connection_parameters(connections[DEFAULT_DB_ALIAS].settings_dict)
    return make_conninfo(**{**parameters, "password": None})


def _run(command: str, arguments: Sequence[str]) -> str:
    """Run a program of PostgreSQL; return what it prints. Raises ``BackupError`` if it fails."""
    password = connections[DEFAULT_DB_ALIAS].settings_dict.get("PASSWORD") or ""
    run = subprocess.run(  # noqa: S603 - PostgreSQL's program, by its full path
        [command, *arguments],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        said = " ".join(run.stderr.split())[:500]
        raise BackupError(f"{Path(command).name} failed: {said}")
    return run.stdout
