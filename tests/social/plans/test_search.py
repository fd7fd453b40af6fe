"""What is asked of PostgreSQL with every key that somebody presses is planned once, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from psycopg import RawCursor

from accounts.models import User
from minigram_site.db.statements import fetch_prepared
from social import search
from social.search import people, tags
from tests.social.plans.explained import Statement, assert_reads_by_index, statements_of
from tests.social.search.asking import NOBODY

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="explains PostgreSQL's plans"),
    pytest.mark.django_db,
    # One process inserts the rows once.
    pytest.mark.xdist_group("plans"),
]
ACTS: list[Callable[[search.Query, Any], Any]] = [
    lambda query, viewer: search.suggested_people(query, viewer, 6),
    lambda query, viewer: search.suggested_tags(query, viewer, 6),
]


@pytest.mark.parametrize("typed", ["us", "user7", "ta", "tag1"])
@pytest.mark.parametrize("number", range(len(ACTS)))
@pytest.mark.parametrize("member", [True, False])
def test_suggestions_are_not_planned_each_time(typed: str, number: int, *, member: bool) -> None:
    viewer = User.objects.get(pk=1) if member else NOBODY
    query = search.parse(typed)
    assert_reads_by_index(lambda: ACTS[number](query, viewer))
    for _ in range(8):
        ACTS[number](query, viewer)
    (statement,) = statements_of(lambda: ACTS[number](query, viewer))
    plans = fetch_prepared(
        "default",
        "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1::text",
        [statement.sql],
    )
    assert plans[0][0] > 0


@pytest.mark.parametrize(
    ("number", "typed", "looked_at"),
    [
        # Of two ways to match, and whom the viewer follows; six are shown.
        (0, "user", 2 * people.MOST_TYPED + people.MOST_FOLLOWED + 50),
        (1, "tag", 2 * tags.MOST_TYPED * (tags.MOST_PHOTOS + 2)),
    ],
)
def test_suggestions_look_at_few_of_all_who_match(number: int, typed: str, looked_at: int) -> None:
    query, viewer = search.parse(typed), User.objects.get(pk=1)
    ACTS[number](query, viewer)
    (statement,) = statements_of(lambda: ACTS[number](query, viewer))
    rows: dict[str, int] = {}
    for table, read in _read_rows(_ran(statement)):
        rows[table] = rows.get(table, 0) + read
    assert rows
    # A person is looked up once as one who matches, and once more to be shown.
    assert {table: read for table, read in rows.items() if read > looked_at} == {}


@pytest.mark.parametrize(
    "index",
    ["search_person_words", "search_person_letters", "search_tag_words", "search_tag_letters"],
)
def test_names_are_in_the_index_as_soon_as_they_are_written(index: str) -> None:
    found = fetch_prepared(
        "default", "SELECT reloptions FROM pg_class WHERE relname = $1::text", [index]
    )
    assert found == [(["fastupdate=off"],)]


def _ran(statement: Statement) -> dict[str, Any]:
    """Return the plan of a statement with the rows that were read."""
    with transaction.atomic():
        raw: Any = RawCursor(connection.connection)
        raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", statement.params)
        return dict(raw.fetchone()[0][0]["Plan"])


def _read_rows(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield each table of a plan and how many of its rows were read, rounded for each time."""
    if "Relation Name" in plan:
        yield plan["Relation Name"], plan["Actual Rows"] * plan["Actual Loops"]
    for part in plan.get("Plans", []):
        yield from _read_rows(part)
