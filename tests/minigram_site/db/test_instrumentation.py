"""What statements do, by their text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from minigram_site import counters
from minigram_site.db import context
from minigram_site.db.instrumentation import OTHER, READ, WRITE, classify

PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", READ),
        ("\n  select id from photos_photo", READ),
        ("(SELECT 1) UNION (SELECT 2)", READ),
        ("WITH page AS (SELECT 1) SELECT * FROM page", READ),
        ("WITH gone AS (DELETE FROM a RETURNING id) SELECT id FROM gone", WRITE),
        ("INSERT INTO a VALUES (1)", WRITE),
        ("\nupdate a set b = 1", WRITE),
        ("TRUNCATE a", WRITE),
        ("ALTER TABLE a ADD b int", WRITE),
        ("CALL something()", WRITE),
        ('SAVEPOINT "s1"', OTHER),
        ("SET statement_timeout = 1", OTHER),
        ("", OTHER),
    ],
)
def test_statements_are_told_apart(sql: str, kind: str) -> None:
    assert classify(sql) == kind


def _count(kind: str) -> float:
    name = "minigram_database_statements_total"
    labels = {"server": "default", "kind": kind}
    return sum(value for found, by, value in counters.totals() if (found, by) == (name, labels))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the engine counts")
def test_statements_are_counted_and_writes_noted(alice: User) -> None:
    assert connection
    before = _count(READ), _count(WRITE)
    with context.request_context(may_read=True) as work:
        list(User.objects.all())
        assert work.may_read
        User.objects.filter(pk=alice.pk).update(bio="Hello")
        assert (work.may_read, work.wrote) == (False, True)
    assert (_count(READ), _count(WRITE)) == (before[0] + 1, before[1] + 1)


def test_the_command_shows_shares(capsys: Any) -> None:
    from django.core.management import call_command

    counters.STATEMENTS.labels("replica9", READ).inc(30)
    counters.CACHE.labels("pebbles", "hit").inc(3)
    counters.CACHE.labels("pebbles", "miss").inc(1)
    call_command("counters")
    shown = capsys.readouterr().out
    assert "replica9" in shown
    assert "75.0 %" in shown.partition("pebbles")[2].partition("\n")[0]


@pytest.mark.slow
def test_the_counts_of_ended_processes_are_kept_in_one_file() -> None:
    code = (
        "import django; django.setup(); from minigram_site.counters import CACHE;"
        "CACHE.labels('folded', 'hit').inc(5)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=PROJECT, check=True)
    assert counters.fold() >= 2
    assert counters.fold() == 0
    found = [value for _, labels, value in counters.totals() if labels.get("kind") == "folded"]
    assert found == [10.0]
