"""Looks at each SQL statement on its way: counts it, notes writes and servers that fail.

The engine puts it around every connection (``minigram_site.db.postgresql``). It costs about a
microsecond for each statement.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from minigram_site.counters import STATEMENTS
from minigram_site.db import context, monitor

READ, WRITE, OTHER = "read", "write", ""
_BY_START = {"SELECT": READ, "INSERT": WRITE, "UPDATE": WRITE, "DELETE": WRITE}
# Statements that neither read nor change what others see.
_SILENT = {
    "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "RESET", "SHOW", "EXPLAIN",
    "PRAGMA", "LOCK", "CLOSE", "DEALLOCATE", "PREPARE", "DISCARD",
}  # fmt: skip
_READING = {"SELECT", "FETCH", "DECLARE", "VALUES", "TABLE"}
# Errors by which a server tells that it goes away; no code at all means that it is gone.
_GOING = ("08", "57P")

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class StatementWrapper:
    """What is put around each statement of one connection."""

    def __init__(self, alias: str) -> None:
        """Prepare the counters of a server."""
        self.alias = alias
        self._count = {
            READ: STATEMENTS.labels(alias, READ).inc,
            WRITE: STATEMENTS.labels(alias, WRITE).inc,
        }

    def __call__(
        self,
        execute: Execute,
        sql: Any,
        params: Any,
        many: bool,  # noqa: FBT001 - Django's signature
        details: dict[str, Any],
    ) -> Any:
        """Count the statement and send it."""
        kind = _BY_START.get(sql[:6]) if type(sql) is str else None
        if kind is None:
            kind = classify(str(sql))
        if kind:
            self._count[kind]()
            context.current().asked = True
        if kind == WRITE:
            context.mark_written()
        try:
            return execute(sql, params, many, details)
        except (DatabaseError, InterfaceError) as error:
            report_failure(self.alias, error)
            raise


def report_failure(alias: str, error: DatabaseError | InterfaceError) -> None:
    """Note that a statement, or a connection, has failed this request."""
    context.current().lost.add(alias)
    if isinstance(error, OperationalError | InterfaceError):
        code = getattr(error.__cause__, "sqlstate", None)
        if code is None or code.startswith(_GOING):
            monitor.report_failure(alias, str(error))


@lru_cache(maxsize=1024)
def classify(sql: str) -> str:
    """Return whether a statement reads, writes, or neither."""
    words = sql.lstrip(" \n\t(").split(None, 1)
    first = words[0].upper().rstrip(";(") if words else ""
    if first in _SILENT or not first:
        return OTHER
    if first in _READING:
        return READ
    if first == "WITH":
        changes = any(f"{verb} " in sql.upper() for verb in ("INSERT INTO", "UPDATE", "DELETE"))
        return WRITE if changes else READ
    return WRITE
