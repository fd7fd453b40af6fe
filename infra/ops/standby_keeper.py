"""Decides which replicas must have a write before it is acknowledged, and tells the primary.

While one of them streams: ``ANY 1`` of all, so that an acknowledged write is on two machines.
While none does: nobody, so that writes go on. PostgreSQL itself would let every write wait until
a replica comes back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg
from psycopg import sql

LOOK_EVERY = 0.2
# How long no replica may be there before writes stop waiting for one.
GRACE_SECONDS = 1.0
# A replica reports once a second (wal_receiver_status_interval). One that is frozen keeps its
# connection, and without this would keep all writes waiting.
SILENT_SECONDS = 3.0
_STREAMING = """
SELECT application_name, reply_time::text FROM pg_stat_replication
 WHERE state = 'streaming' AND application_name = ANY(%s)
"""

logger = logging.getLogger(__name__)


@dataclass
class Roll:
    """Which replicas are there, by what the primary says of them over time."""

    names: Sequence[str]
    now: float
    # name: (the report that was seen last, when it was seen first)
    reports: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give replicas that nobody has seen yet the time that lost ones have."""
        self.present_at = self.now

    def call(self, streaming: dict[str, str], now: float) -> list[str]:
        """Take in the latest reports (time by name); return who is there."""
        for name, report in streaming.items():
            if self.reports.get(name, ("", 0.0))[0] != report:
                self.reports[name] = report, now
        there = [name for name in streaming if now - self.reports[name][1] < SILENT_SECONDS]
        if there:
            self.present_at = now
        return sorted(there)

    def wanted(self, there: Sequence[str], now: float) -> str | None:
        """Return the setting for who is there; ``None``: leave it as it is for a moment."""
        if there:
            return f"ANY 1 ({', '.join(self.names)})"
        return "" if now - self.present_at >= GRACE_SECONDS else None


class Keeper:
    """Looks at the primary until it is stopped; a primary that is gone is looked for again."""

    def __init__(self, address: dict[str, Any], names: Sequence[str]) -> None:
        """Keep how to connect to the primary, and the replicas' names."""
        self._address = address
        self._names = names
        self._stopped = threading.Event()
        self._trouble = ""

    def stop(self) -> None:
        """End ``run`` soon. The setting stays as it is."""
        self._stopped.set()

    def run(self) -> None:
        """Keep the setting right."""
        while not self._stopped.is_set():
            try:
                with self._connect() as connection:
                    self._keep(connection)
            except psycopg.Error as error:
                self._complain(str(error).strip())
                self._stopped.wait(LOOK_EVERY)

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        roll = Roll(self._names, monotonic())
        while not self._stopped.wait(LOOK_EVERY):
            if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                raise psycopg.OperationalError("DATABASE_URL names a replica, not a primary.")
            streaming = dict(connection.execute(_STREAMING, [list(self._names)]).fetchall())
            there = roll.call(streaming, monotonic())
            wanted = roll.wanted(there, monotonic())
            held = connection.execute("SHOW synchronous_standby_names").fetchone()
            if wanted is not None and held != (wanted,):
                _set(connection, wanted)
                logger.warning("%s", _sentence(there))
            self._trouble = ""

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            **self._address,
            autocommit=True,
            connect_timeout=2,
            application_name="minigram keeper",
            options="-c statement_timeout=2000",
            keepalives_idle=2,
            keepalives_interval=1,
            keepalives_count=2,
            tcp_user_timeout=3000,
        )

    def _complain(self, trouble: str) -> None:
        """Log a trouble once, not five times a second."""
        if trouble != self._trouble:
            logger.error("The primary cannot be looked after: %s", trouble)
            self._trouble = trouble


def _set(connection: psycopg.Connection[Any], value: str) -> None:
    statement = sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}")
    connection.execute(statement.format(sql.Literal(value)))
    connection.execute("SELECT pg_reload_conf()")
    # The reload is a signal: let it arrive before the setting is looked at again.
    connection.execute("SELECT pg_sleep(0.05)")


def _sentence(there: Sequence[str]) -> str:
    if there:
        return f"Writes wait until one replica has them ({', '.join(there)} there)."
    return "No replica is there: writes are acknowledged by the primary alone."
