"""Wraps each SQL statement: counts it, sends it, records writes and servers that fail.

The engine installs the wrapper on every connection (``minigram_site.db.postgresql``). It costs
about a microsecond a statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg.pq import TransactionStatus

from minigram_site.counters import STATEMENTS
from minigram_site.db import monitor
from minigram_site.db.context import current_context, mark_written
from minigram_site.db.postgresql import prepared
from minigram_site.memory_cache import remember_short

READ, WRITE, OTHER = "read", "write", ""
_KIND_BY_START = {
    "SELECT": READ,
    "INSERT": WRITE,
    "UPDATE": WRITE,
    "DELETE": WRITE,
    # Django gives each savepoint a name of its own.
    "SAVEPO": OTHER,
    "RELEAS": OTHER,
    "ROLLBA": OTHER,
}
# Statements that neither read data nor change what other sessions see.
_CONTROL = {
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "SET",
    "RESET",
    "SHOW",
    "EXPLAIN",
    "PRAGMA",
    "LOCK",
    "NOTIFY",
    "CLOSE",
    "DEALLOCATE",
    "PREPARE",
    "DISCARD",
}
_READING = {"SELECT", "FETCH", "DECLARE", "VALUES", "TABLE"}
# SQLSTATE classes of a server that stops or cannot be reached. An error without any SQLSTATE
# comes from a connection that broke.
_SERVER_LOST = ("08", "57P")

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class StatementWrapper:
    """The wrapper (Django's ``execute_wrapper``) around each statement of one connection."""

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
        """Count the statement, send it and return its result; errors are recorded and raised.

        A statement whose prepared form no longer fits is prepared anew, unless it stands in the
        middle of a transaction, which the error has ended.
        """
        kind = _KIND_BY_START.get(sql[:6]) if type(sql) is str else None
        if kind is None:
            kind = classify(str(sql))
        if kind:
            self._count[kind]()
            current_context().ran_sql = True
        if kind == WRITE:
            mark_written()
        try:
            return _send(execute, sql, params, many, details)
        except (DatabaseError, InterfaceError) as error:
            report_failure(self.alias, error)
            raise


def _send(
    execute: Execute,
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001 - Django's signature
    details: dict[str, Any],
) -> Any:
    """Send a statement, a second time if its prepared form did not fit and nothing was lost."""
    wrapper = details["connection"]
    is_first = wrapper.connection.pgconn.transaction_status == TransactionStatus.IDLE
    try:
        return execute(sql, params, many, details)
    except DatabaseError as error:
        if not prepared.is_outgrown(error):
            raise
        if wrapper.pool is not None:
            wrapper.pool.outgrow_prepared()
        if not is_first:
            raise
    with wrapper.wrap_database_errors:
        prepared.deallocate(wrapper.connection)
    return execute(sql, params, many, details)


def report_failure(alias: str, error: DatabaseError | InterfaceError) -> None:
    """Record that a statement, or an attempt to connect, has failed this request.

    The monitor learns of it where the error means that the server is lost. No query.
    """
    current_context().failed_aliases.add(alias)
    if isinstance(error, OperationalError | InterfaceError):
        sqlstate = getattr(error.__cause__, "sqlstate", None)
        if sqlstate is None or sqlstate.startswith(_SERVER_LOST):
            monitor.report_failure(alias, str(error))


@remember_short(entries=256, longest=16_384)
def classify(sql: str) -> str:
    """Return whether a statement is a ``READ``, a ``WRITE`` or ``OTHER``, by its first word."""
    words = sql.lstrip(" \n\t(").split(None, 1)
    first = words[0].upper().rstrip(";(") if words else ""
    if first in _CONTROL or not first:
        return OTHER
    if first in _READING:
        return READ
    if first == "WITH":
        writes = any(f"{verb} " in sql.upper() for verb in ("INSERT INTO", "UPDATE", "DELETE"))
        return WRITE if writes else READ
    return WRITE
