"""``manage.py migrate``: Django's command, which gives way to others and tries again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg import errors

# Seconds between two tries, in which the site goes on.
PAUSE = 3.0
TRIES = 200


class Command(migrate.Command):
    """Django's ``migrate``; each migration is done whole or not at all, so it can be repeated."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises ``CommandError`` if a table stays locked for all tries."""
        for _ in range(TRIES):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(
                    error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected
                ):
                    raise
                reason = str(error).splitlines()[0]
                self.stderr.write(
                    f"Others use the table, a backup perhaps: {reason}. Trying again."
                )
                time.sleep(PAUSE)
            else:
                _close_to_others(options["database"])
                return
        raise CommandError(
            "A table stayed locked. Who holds it: SELECT pid, query FROM pg_stat_activity "
            "WHERE xact_start < now() - interval '1 minute'. What was migrated before stays so."
        )


def _close_to_others(alias: str) -> None:
    """Let only its owner read a database of SQLite; its ``-wal`` and ``-shm`` files follow it."""
    if connections[alias].vendor == "sqlite":
        path = Path(connections[alias].settings_dict["NAME"])
        if path.is_file():
            path.chmod(0o600)
