"""Find the servers that Debian's packages install."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from infra.cluster.errors import MissingPackage

# Debian keeps PostgreSQL's programs out of PATH, and /usr/sbin is not in everybody's.
POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"
SYSTEM_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
POSTGRESQL = ("initdb", "pg_basebackup", "postgres")
PACKAGES = {"nginx": "nginx", "redis-server": "redis-server"} | dict.fromkeys(
    POSTGRESQL, "postgresql"
)


def require(programs: Iterable[str]) -> None:
    """Raise ``MissingPackage`` naming every package that some of these programs need."""
    missing = [program for program in programs if _found(program) is None]
    if missing:
        raise MissingPackage(missing, sorted({PACKAGES[program] for program in missing}))


def path_of(program: str) -> str:
    """Return the path of a program; of PostgreSQL's, those of the newest version there is."""
    if (path := _found(program)) is None:
        raise MissingPackage([program], [PACKAGES[program]])
    return path


def _found(program: str) -> str | None:
    if program in POSTGRESQL:
        found = sorted(Path("/").glob(f"{POSTGRESQL_FOLDERS[1:]}/{program}"), key=_version)
        return str(found[-1]) if found else None
    return shutil.which(program, path=SYSTEM_FOLDERS)


def _version(program: Path) -> float:
    text = program.parent.parent.name
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
