"""Two data folders with one INSTANCE_ID on one database: the second process is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

pytestmark = [pytest.mark.database, pytest.mark.slow]
# This number and the next one are used by no other test, nor by another process that runs tests.
NUMBER = 20 + 2 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 5)
MAKE_AN_ID = """
import sys, django
django.setup()
from minigram_site.fields.snowflake import new_id
print(new_id(), flush=True)
sys.stdin.read()
"""
SERVE = "import minigram_site.wsgi"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
END = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return the address of a database of this kind that several processes can use."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{tmp_path / 'db.sqlite3'}"
    return os.environ["DATABASE_URL"]


def process(address: str, folder: Path, code: str, number: int) -> subprocess.Popen[str]:
    """Start a process of the site; it lives until its standard input is closed."""
    folder.mkdir(exist_ok=True)
    env = os.environ | {"DATABASE_URL": address, "DATA_DIR": str(folder)}
    env |= {"INSTANCE_ID": str(number), "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


@contextmanager
def living(address: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has made an id; kill it at the end."""
    with process(address, folder, MAKE_AN_ID, NUMBER) as running:
        assert running.stdout
        assert running.stdout.readline()
        yield running
        running.kill()


def refusal(address: str, folder: Path, code: str = MAKE_AN_ID, number: int = NUMBER) -> str:
    """Return what a process says that ends with an error; an empty text if it does not."""
    with process(address, folder, code, number) as other:
        _, said = other.communicate(timeout=60)
    return said if other.returncode else ""


@pytest.mark.parametrize("code", [MAKE_AN_ID, SERVE])
def test_a_process_with_another_folder_and_the_same_number_is_refused(
    address: str, tmp_path: Path, code: str
) -> None:
    with living(address, tmp_path / "a"):
        said = refusal(address, tmp_path / "b", code)
        assert f"INSTANCE_ID {NUMBER} is used already" in said
        assert not refusal(address, tmp_path / "b", code, NUMBER + 1)


def test_processes_with_one_folder_share_their_number(address: str, tmp_path: Path) -> None:
    with living(address, tmp_path / "a"):
        assert not refusal(address, tmp_path / "a")
    with living(address, tmp_path / "a"), living(address, tmp_path / "a"):
        assert refusal(address, tmp_path / "b")


def test_the_number_of_a_killed_process_is_free(address: str, tmp_path: Path) -> None:
    with living(address, tmp_path / "a"):
        pass
    assert not refusal(address, tmp_path / "b")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no connection to lose")
def test_a_lock_whose_connection_was_lost_is_taken_again(address: str, tmp_path: Path) -> None:
    with (
        living(address, tmp_path / "a"),
        psycopg.connect(address.partition("?")[0], autocommit=True) as database,
    ):
        lock = [0x4D47_0000 + NUMBER]
        assert database.execute(END, lock).fetchall() == [(True,)]
        end = time.monotonic() + 60
        while database.execute(HELD, lock).fetchone() == (0,) and time.monotonic() < end:
            time.sleep(0.05)
        assert "is used already" in refusal(address, tmp_path / "b")


def test_a_database_that_does_not_answer_prevents_no_start(tmp_path: Path) -> None:
    assert not refusal("postgres://a:b@127.0.0.1:1/c", tmp_path / "a")
