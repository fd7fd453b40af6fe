"""What statements do, by their text."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import User
from minigram_site import counters
from minigram_site.db.context import request_context
from minigram_site.db.instrumentation import OTHER, READ, WRITE, classify

pytestmark = pytest.mark.database


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
    with request_context(may_use_replica=True) as context:
        list(User.objects.all())
        assert context.may_use_replica
        User.objects.filter(pk=alice.pk).update(bio="Hello")
        assert (context.may_use_replica, context.has_written) == (False, True)
    assert (_count(READ), _count(WRITE)) == (before[0] + 1, before[1] + 1)
