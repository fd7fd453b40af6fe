"""No search reads a whole table, on SQLite; tests/social/plans/test_plans.py asks PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from social import search
from tests.factories import make_photo
from tests.social.search.asking import NOBODY

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="explains SQLite's plans"),
]
QUERY = search.parse("sea side")
ACTS: list[Callable[[Any], Any]] = [
    lambda viewer: search.people_page(QUERY, viewer, None),
    lambda viewer: search.tags_page(QUERY, viewer, None),
    lambda viewer: search.photos_page(QUERY, viewer, None),
    lambda viewer: search.suggested_people(QUERY, viewer, 6),
    lambda viewer: search.suggested_tags(QUERY, viewer, 6),
]


def plan_of(sql: str, values: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return [row[-1] for row in cursor.fetchall()]


@pytest.mark.parametrize("number", range(len(ACTS)))
@pytest.mark.parametrize("member", [True, False])
def test_no_table_of_rows_is_scanned(alice: User, number: int, *, member: bool) -> None:
    make_photo(alice, "sea side #sea")
    plans: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("EXPLAIN") and params:
            plans.extend(plan_of(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ACTS[number](alice if member else NOBODY)
    assert plans
    # Subqueries and tables of FTS5 are walked; rows of tables are looked up.
    tables = ("photos_", "accounts_", "person", "stats", "tag", "one", "late")
    scans = [step for step in plans if step.startswith("SCAN")]
    assert [step for step in scans if step.split()[1].startswith(tables)] == []
    walked = [step for step in scans if "VIRTUAL TABLE" in step]
    assert walked
    # Each walk of FTS5 is by its index ("M": MATCH), none from its beginning to its end.
    assert [step for step in walked if "M" not in step.rpartition("INDEX")[2]] == []
