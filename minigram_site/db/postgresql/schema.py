"""Changes of tables while the site answers: the old release goes on until it is restarted."""

from __future__ import annotations

from typing import Any, Self

from django.db.backends.postgresql import schema
from django.db.models import Field

# Whoever needs the table queues behind a change that waits, so it waits less than a request may
# (``lock_timeout``, 3 s) and less than until the server looks for deadlocks (1 s), which could end
# the request instead. ``manage.py migrate`` tries again.
LOCK_TIMEOUT_MILLISECONDS = 800


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Django's editor, which gives way to others and keeps the defaults of new columns."""

    def __enter__(self) -> Self:
        """Begin; in a transaction each statement waits ``LOCK_TIMEOUT_MILLISECONDS`` for a lock.

        Without a transaction, statements block nobody while they wait (``CREATE INDEX
        CONCURRENTLY``) and have no limit.
        """
        super().__enter__()
        if self.atomic_migration and not self.collect_sql:
            self.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MILLISECONDS}")
        return self

    def skip_default_on_alter(self, field: Field[Any, Any]) -> bool:
        """Return whether the column keeps the default that it was added with.

        Django drops it, so that what the old release inserts has no value. A nullable column
        needs none.
        """
        return not field.null
