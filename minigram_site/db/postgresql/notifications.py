"""Notifications of PostgreSQL (``LISTEN`` and ``NOTIFY``): who waits is told, and need not ask.

A notification says that there is something to look at and no more. It may be lost with a
connection, so whoever waits also looks when a connection was made anew, and now and then anyway.
"""

from __future__ import annotations

import logging
import select
import time
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

from minigram_site.db.postgresql.connection import connection_parameters

logger = logging.getLogger(__name__)

# A server that is gone without a word is noticed within seconds.
_CONNECTION_LIMITS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "application_name": "minigram listener",
}
# Seconds until the next attempt where no connection can be made.
RETRY_SECONDS = 1.0


def notify(channel: str) -> None:
    """Wake who listens to ``channel``, with the commit of this transaction if there is one.

    One statement; nothing on SQLite, which has no notifications.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("NOTIFY " + connection.ops.quote_name(channel))


def can_listen() -> bool:
    """Tell whether the primary is a PostgreSQL, which has notifications. No query."""
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


class Listener:
    """Waits for notifications of one channel, on a connection of its own beside any pool."""

    def __init__(self, channel: str) -> None:
        """Keep the channel; the connection is made by the first ``wait``."""
        self.channel = channel
        self.connection: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> None:
        """Return when there may be something to look at, after ``seconds`` at the latest.

        That is at once where the connection was made only now, as what came before is not known;
        where it is lost; and ``RETRY_SECONDS`` later where none can be made. Sends nothing while it
        waits. Exceptions of signal handlers end it.
        """
        try:
            if self.connection is None:
                self.connection = self._connect()
            else:
                _wait(self.connection, seconds)
        except psycopg.Error as error:
            logger.debug("Notifications are not received for now: %s", error)
            was_lost = self.connection is not None
            self.close()
            if not was_lost:
                time.sleep(min(seconds, RETRY_SECONDS))

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        parameters = connection_parameters(connections.settings[DEFAULT_DB_ALIAS])
        connection: psycopg.Connection[Any] = psycopg.Connection.connect(
            **{**parameters, **_CONNECTION_LIMITS}, autocommit=True
        )
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
        return connection


def _wait(connection: psycopg.Connection[Any], seconds: float) -> None:
    """Wait for notifications, and take all that are there. Raises ``psycopg.Error``."""
    if not _take(connection):
        # psycopg itself would wake ten times a second to look for signals.
        select.select([connection.fileno()], [], [], seconds)
        _take(connection)


def _take(connection: psycopg.Connection[Any]) -> bool:
    return bool(list(connection.notifies(timeout=0)))
