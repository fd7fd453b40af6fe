"""The backup that docs/operations.md gives for Stage 1, on a database in use."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from infra.project import PROJECT


def test_the_backup_is_one_snapshot_that_a_writer_cannot_hold_up(tmp_path: Path) -> None:
    page = (PROJECT / "docs/operations.md").read_text()
    found = re.search(r'sqlite3 /var/lib/minigram/db\.sqlite3 "(.+)"$', page, re.M)
    assert found is not None
    site, backup = (sqlite3.connect(tmp_path / "db", isolation_level=None) for _ in range(2))
    site.execute("PRAGMA journal_mode=WAL")
    site.execute("CREATE TABLE photo (id INTEGER)")
    site.execute("INSERT INTO photo VALUES (1)")
    # In the hands of a writer that has not committed: "VACUUM INTO" needs no lock of its own.
    site.execute("BEGIN IMMEDIATE")
    site.execute("INSERT INTO photo VALUES (2)")
    backup.execute(found[1].replace("/backup/", f"{tmp_path}/"))
    copy = sqlite3.connect(tmp_path / "db.new")
    assert copy.execute("SELECT id FROM photo").fetchall() == [(1,)]
