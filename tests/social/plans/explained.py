"""Statements that are sent, and PostgreSQL's plans for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction
from psycopg import RawCursor
from rest_framework.test import APIClient

from accounts.api.tokens import issue
from accounts.models import User

# A table below that is read as a whole, and rightly so.
SMALL = 1000
# What is explained is what the site sends; the frame around it reads nothing.
EXPLAINED = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")


class Statement(NamedTuple):
    """What was sent, and whether its parameters are numbered, as the lean path's are."""

    sql: str
    params: Any
    is_raw: bool


def statements_of(act: Callable[[], Any]) -> list[Statement]:
    """Return the statements that an act sends."""
    sent: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(EXPLAINED) and isinstance(params, dict | tuple | list):
            sent.append(Statement(sql, params, isinstance(context["cursor"], RawCursor)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return sent


def whole_tables_in(plan: dict[str, Any]) -> Iterator[str]:
    """Yield what a plan reads from beginning to end."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] not in _small_tables():
        yield f"{plan['Relation Name']} where {plan.get('Filter', 'all')}"
    for part in plan.get("Plans", []):
        yield from whole_tables_in(part)


def _small_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples < %s", [SMALL])
        return {row[0] for row in cursor.fetchall()}


def _explain(statement: Statement, *, generic: bool) -> dict[str, Any]:
    """Return the plan for these values, or the one for all."""
    sql, params, is_raw = statement
    with transaction.atomic(), connection.cursor() as cursor:
        raw: Any = RawCursor(connection.connection) if is_raw else cursor.cursor
        if not generic:
            raw.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            return dict(raw.fetchone()[0][0]["Plan"])
        raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        raw.execute("DEALLOCATE ALL")
        if is_raw:
            raw.execute(f"PREPARE explained AS {sql}")
        else:
            raw.execute(sql, params, prepare=True)
        raw.execute(
            "SELECT name, array_length(parameter_types, 1) FROM pg_prepared_statements "
            "ORDER BY prepare_time DESC LIMIT 1",
            prepare=False,
        )
        name, count = raw.fetchone()
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        raw.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {name}{values}", prepare=False)
        plan = dict(raw.fetchone()[0][0]["Plan"])
        transaction.set_rollback(True)
        return plan


def assert_reads_by_index(act: Callable[[], Any]) -> None:
    """Fail if a statement of an act reads a large table as a whole."""
    act()  # texts are compiled, content types looked up
    sent = statements_of(act)
    assert sent
    for statement in sent:
        # An insert would really be made, and a second time.
        for generic in (False,) if statement.sql.startswith("INSERT") else (False, True):
            found = list(whole_tables_in(_explain(statement, generic=generic)))
            assert found == [], f"{found}, generic={generic}: {statement.sql}"


def client_of(number: int) -> APIClient:
    user = User.objects.get(pk=number)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue(user)['access']}")
    return client
