"""Prepared statements that no longer fit: a migration changed their tables under a running site.

The server refuses them each time ("cached plan must not change result type"), and psycopg goes on
sending them, as its cache of prepared statements does not look at errors of those it holds.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors

# The function in PostgreSQL that finds that a prepared statement returns other columns than once.
# Messages are translated, and 0A000 alone means many things.
_REVALIDATION = "RevalidateCachedQuery"


def is_outgrown(error: BaseException) -> bool:
    """Return whether ``error`` says that a prepared statement no longer fits, or is not there."""
    cause = error.__cause__
    if isinstance(cause, errors.FeatureNotSupported):
        return cause.diag.source_function == _REVALIDATION
    return isinstance(cause, errors.InvalidSqlStatementName | errors.DuplicatePreparedStatement)


def deallocate(connection: psycopg.Connection[Any]) -> None:
    """Throw away all that is prepared on ``connection``, in psycopg's cache and on the server.

    An open transaction is rolled back. One to three round trips. Raises ``psycopg.Error``.
    """
    connection.rollback()
    # psycopg notices ``DEALLOCATE ALL`` only if it has not seen that text lately.
    connection._prepared.clear()
    connection.execute("DEALLOCATE ALL", prepare=False)
