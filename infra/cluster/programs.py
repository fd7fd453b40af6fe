"""Find the servers that Debian's packages install."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.cluster.errors import MissingPackage

# Debian keeps PostgreSQL's programs out of PATH, and /usr/sbin is not in everybody's.
POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"
SYSTEM_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


def postgresql(program: str) -> str:
    """Return the path of one of PostgreSQL's programs, of the newest version there is."""
    found = sorted(Path("/").glob(f"{POSTGRESQL_FOLDERS[1:]}/{program}"), key=_version)
    if not found:
        raise MissingPackage("PostgreSQL", "postgresql")
    return str(found[-1])


def nginx() -> str:
    """Return the path of nginx."""
    return _program("nginx", "nginx")


def redis() -> str:
    """Return the path of the Redis server."""
    return _program("redis-server", "redis-server")


def _program(name: str, package: str) -> str:
    path = shutil.which(name, path=SYSTEM_FOLDERS) or shutil.which(name)
    if path is None:
        raise MissingPackage(name, package)
    return path


def _version(program: Path) -> float:
    text = program.parent.parent.name
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
