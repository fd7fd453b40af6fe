"""``ENGINE = "minigram_site.db.postgresql"``: the name and place that Django looks for."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import debug_transaction
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8

from minigram_site.db import lsn, wal
from minigram_site.db.context import current_context
from minigram_site.db.instrumentation import StatementWrapper
from minigram_site.db.postgresql import is_served
from minigram_site.db.postgresql.pool import Pool
from minigram_site.db.postgresql.schema import DatabaseSchemaEditor


class DatabaseOperations(operations.DatabaseOperations):
    """Django's operations, with integers that are never truncated."""

    def adapt_integerfield_value(self, value: Any, internal_type: str) -> Any:
        """Return ``value`` as the field's type, and as ``bigint`` where that is too small.

        ``Value(id)`` without an output field is an ``IntegerField``, and with server-side binding
        psycopg silently sends the lower 32 bits of it (16 of a ``SmallIntegerField``).
        """
        limit = 2**15 if "Small" in internal_type else 2**31
        if isinstance(value, int) and not -limit <= value < limit:
            return Int8(value)
        return super().adapt_integerfield_value(value, internal_type)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with the pool of ``minigram_site.db.postgresql.pool``."""

    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
    _connection_pools: dict[str, Pool] = {}

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        """Wrap each statement (``minigram_site.db.instrumentation``)."""
        super().__init__(settings_dict, alias)
        self.execute_wrappers.append(StatementWrapper(alias))

    @property
    def pool(self) -> Pool | None:
        """Return this process's pool for the alias; ``None`` in management commands."""
        if not is_served() or self.alias == NO_DB_ALIAS:
            return None
        pool = self._connection_pools.get(self.alias)
        # Two threads may each make one at the start: the first is kept, the other never opened.
        return pool or self._connection_pools.setdefault(self.alias, self._new_pool())

    def _new_pool(self) -> Pool:
        options = self.settings_dict["OPTIONS"]
        return Pool(
            name=self.alias,
            kwargs=self._parameters() | {"autocommit": True},
            read_timeout=options.get("read_timeout"),
            open=False,
            configure=self._configure_connection,  # type: ignore[attr-defined]
            **options["pool"],
        )

    def get_connection_params(self) -> dict[str, Any]:
        """Return libpq's parameters; none where a pool has them, as this is called per request."""
        return {} if self.alias in self._connection_pools and self.pool else self._parameters()

    def _parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        # "options" holds the limits of statements, which commands do not have.
        for name in ("read_timeout",) if is_served() else ("read_timeout", "options"):
            parameters.pop(name, None)
        return parameters

    def connect(self) -> None:
        """Take a connection from the pool, or make the one that a command keeps.

        Raises ``OperationalError`` if there is none.
        """
        super().connect()
        if self.pool is None:
            self.close_at = None

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001
        # One that was lost after its commit has no mode: the next statement finds out.
        if not self.connection.closed and self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]

    def _commit(self) -> None:
        """Commit; of a request that wrote, where replicas need it, learn the LSN with it."""
        if not self._commit_needs_lsn():
            super()._commit()  # type: ignore[misc]
            return
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            reached = wal.commit(self.connection)
        if reached is not None:
            lsn.note_commit(reached)

    def _commit_needs_lsn(self) -> bool:
        return (
            bool(settings.REPLICAS)
            and self.alias == DEFAULT_DB_ALIAS
            and current_context().lsn_unknown
            and self.connection is not None
            and self.connection.pgconn.transaction_status == TransactionStatus.INTRANS
        )

    def _close(self) -> None:
        connection = self.connection
        if connection is None:
            return
        # A connection goes back where it came from, even if ``serve`` was called since.
        with self.wrap_database_errors:
            pool = getattr(connection, "_pool", None)
            if pool is None:
                connection.close()
            else:
                self.connection = None
                pool.putconn(connection)


# Kept from the garbage collector, which would end the parent's sessions.
_inherited_pools: list[dict[str, Pool]] = []


def _reset_after_fork() -> None:
    """Start without pools in a forked process: both would speak on the same sockets."""
    _inherited_pools.append(dict(DatabaseWrapper._connection_pools))
    DatabaseWrapper._connection_pools.clear()


os.register_at_fork(after_in_child=_reset_after_fork)
