"""Find the servers that Debian's packages install."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from infra.cluster.errors import MissingPackage, OldProgram

# Debian keeps PostgreSQL's programs out of PATH, and /usr/sbin is not in everybody's.
POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"
SYSTEM_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
POSTGRESQL = ("initdb", "pg_basebackup", "postgres")
PACKAGES = {"nginx": "nginx", "redis-server": "redis-server"} | dict.fromkeys(
    POSTGRESQL, "postgresql"
)
# What the configuration in infra/ is written for, by the program that is asked.
OLDEST = {"postgres": ("PostgreSQL", 15), "redis-server": ("Redis", 7)}
# As in: postgres (PostgreSQL) 15.14, and: Redis server v=7.0.15 sha=...
VERSION = re.compile(r"(?:\) |v=)(\d+)")


def require(programs: Iterable[str]) -> None:
    """Raise ``MissingPackage`` naming every package that some of these programs need.

    Raises ``OldProgram`` for the first that is too old. Costs a process for each it asks, 10 ms.
    """
    programs = list(programs)
    missing = [program for program in programs if _found(program) is None]
    if missing:
        raise MissingPackage(missing, sorted({PACKAGES[program] for program in missing}))
    for program in [each for each in programs if each in OLDEST]:
        name, oldest = OLDEST[program]
        if (found := _major_of(path_of(program))) < oldest:
            raise OldProgram(name, oldest, found, path_of(program))


def _major_of(path: str) -> int:
    command = [path, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    match = VERSION.search(said)
    return int(match[1]) if match else 0


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
