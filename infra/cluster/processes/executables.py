"""Finds the servers that Debian's packages install, and checks their versions."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from infra.cluster.errors import MissingPackage, OutdatedProgram

# Debian keeps PostgreSQL's programs out of PATH, and /usr/sbin is not in everyone's PATH.
POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"
SYSTEM_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
POSTGRESQL = ("initdb", "pg_basebackup", "postgres")
PACKAGES = {"nginx": "nginx", "redis-server": "redis-server"} | dict.fromkeys(
    POSTGRESQL, "postgresql"
)
# The major versions that the configuration in infra/ is written for, by program.
OLDEST = {"postgres": ("PostgreSQL", 15), "redis-server": ("Redis", 7)}
# As in: postgres (PostgreSQL) 15.14, and: Redis server v=7.0.15 sha=...
VERSION = re.compile(r"(?:\) |v=)(\d+)")


def require(programs: Iterable[str]) -> None:
    """Check that all of these programs are installed and recent enough.

    Raises ``MissingPackage`` with every package that is missing, and ``OutdatedProgram`` for the
    first program that is too old. Costs one process, 10 ms, for each program with a version.
    """
    programs = list(programs)
    missing = [program for program in programs if _find(program) is None]
    if missing:
        raise MissingPackage(missing, sorted({PACKAGES[program] for program in missing}))
    for program in [each for each in programs if each in OLDEST]:
        name, oldest = OLDEST[program]
        if (version := _major_version(path_of(program))) < oldest:
            raise OutdatedProgram(name, oldest, version, path_of(program))


def path_of(program: str) -> str:
    """Return the path of a program; for those of PostgreSQL, of the newest version installed.

    Raises ``MissingPackage`` if it is not installed.
    """
    if (path := _find(program)) is None:
        raise MissingPackage([program], [PACKAGES[program]])
    return path


def _major_version(path: str) -> int:
    """Return the first number of what ``--version`` prints; 0 if there is none."""
    command = [path, "--version"]
    printed = subprocess.run(  # noqa: S603 - a server that Debian installed
        command, capture_output=True, text=True, timeout=10, check=False
    ).stdout
    match = VERSION.search(printed)
    return int(match[1]) if match else 0


def _find(program: str) -> str | None:
    if program in POSTGRESQL:
        found = sorted(Path("/").glob(f"{POSTGRESQL_FOLDERS[1:]}/{program}"), key=_folder_version)
        return str(found[-1]) if found else None
    return shutil.which(program, path=SYSTEM_FOLDERS)


def _folder_version(program: Path) -> float:
    """Return the version in the path ``…/15/bin/postgres``."""
    text = program.parent.parent.name
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
