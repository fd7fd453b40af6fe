"""Servers that are older than their configuration are refused, before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.cluster import ClusterError
from infra.cluster.processes import executables

OLD = {
    "postgres": ("postgres (PostgreSQL) 14.19 (Ubuntu 14.19-0ubuntu0.22.04.1)", "PostgreSQL 15"),
    "redis-server": ("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1", "Redis 7"),
}


def install(folder: Path, program: str, said: str) -> None:
    """Put a program there that tells its version and does nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / program).write_text(f"#!/bin/sh\necho '{said}'\n")
    (folder / program).chmod(0o755)


@pytest.mark.parametrize("program", OLD)
def test_an_old_server_is_refused_with_the_version_that_is_needed(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, needed = OLD[program]
    install(tmp_path / "14" / "bin", program, said)
    monkeypatch.setattr(executables, "POSTGRESQL_FOLDERS", f"{tmp_path}/*/bin")
    monkeypatch.setattr(executables, "SYSTEM_FOLDERS", str(tmp_path / "14" / "bin"))
    with pytest.raises(ClusterError, match=f"{needed} or later is needed, and .* is version"):
        executables.require([program])


def test_the_newest_of_several_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "9.6" / "bin", "postgres", "postgres (PostgreSQL) 9.6.24")
    install(tmp_path / "16" / "bin", "postgres", "postgres (PostgreSQL) 16.10")
    monkeypatch.setattr(executables, "POSTGRESQL_FOLDERS", f"{tmp_path}/*/bin")
    executables.require(["postgres"])


def test_a_server_that_tells_no_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "redis-server", "what?")
    monkeypatch.setattr(executables, "SYSTEM_FOLDERS", str(tmp_path))
    with pytest.raises(ClusterError, match="of no version that it tells"):
        executables.require(["redis-server"])
