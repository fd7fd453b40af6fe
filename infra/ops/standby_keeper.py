"""The keeper: sets ``synchronous_standby_names`` of the primary by which standbys are present.

While one of them streams, the setting is ``ANY 1`` of all, so that an acknowledged write is on two
machines. While none does, it is empty, so that writes go on: PostgreSQL itself would let every
write wait until a standby is back.
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

POLL_SECONDS = 0.2
# How long no standby may be present before writes stop waiting for one.
GRACE_SECONDS = 1.0
# A standby reports once a second (wal_receiver_status_interval). One that is frozen keeps its
# connection, and without this limit would keep all writes waiting.
SILENT_SECONDS = 3.0
_STREAMING = """
SELECT application_name, reply_time::text FROM pg_stat_replication
 WHERE state = 'streaming' AND application_name = ANY(%s)
"""

logger = logging.getLogger(__name__)


@dataclass
class StandbyPresence:
    """Which standbys are present, judged by the reports that the primary has of them over time.

    ``names`` are their application names; times are seconds of one monotonic clock.
    """

    names: Sequence[str]
    now: float
    # name: (the last report, the time when it was first observed)
    reports: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Grant standbys that were never observed the grace period of lost ones."""
        self.present_at = self.now

    def observe(self, streaming: dict[str, str], now: float) -> list[str]:
        """Take in the latest report (a time stamp) of each standby that streams.

        Returns the names of those that are present, sorted: a report that has not changed for
        ``SILENT_SECONDS`` is that of a frozen standby.
        """
        for name, report in streaming.items():
            if self.reports.get(name, ("", 0.0))[0] != report:
                self.reports[name] = report, now
        present = [name for name in streaming if now - self.reports[name][1] < SILENT_SECONDS]
        if present:
            self.present_at = now
        return sorted(present)

    def setting(self, present: Sequence[str], now: float) -> str | None:
        """Return the value for ``synchronous_standby_names``.

        ``None`` means that it stays as it is: no standby is present, but the grace period lasts.
        """
        if present:
            return f"ANY 1 ({', '.join(self.names)})"
        return "" if now - self.present_at >= GRACE_SECONDS else None


class StandbyKeeper:
    """Polls the primary until it is stopped, and connects again whenever the primary is lost."""

    def __init__(self, primary: dict[str, Any], names: Sequence[str]) -> None:
        """Keep libpq's parameters of the primary, and the application names of the standbys."""
        self._primary = primary
        self._names = names
        self._stopped = threading.Event()
        self._trouble = ""

    def stop(self) -> None:
        """Let ``run`` return within ``POLL_SECONDS``. The setting stays as it is."""
        self._stopped.set()

    def run(self) -> None:
        """Keep the setting right until ``stop``. A lost primary is logged, never raised."""
        while not self._stopped.is_set():
            try:
                with self._connect() as connection:
                    self._poll(connection)
            except psycopg.Error as error:
                self._complain(str(error).strip())
                self._stopped.wait(POLL_SECONDS)

    def _poll(self, connection: psycopg.Connection[Any]) -> None:
        """Compare and set until stopped; raise ``psycopg.Error`` if the primary is lost."""
        presence = StandbyPresence(self._names, monotonic())
        while not self._stopped.wait(POLL_SECONDS):
            if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                raise psycopg.OperationalError("DATABASE_URL names a replica, not a primary.")
            streaming = dict(connection.execute(_STREAMING, [list(self._names)]).fetchall())
            present = presence.observe(streaming, monotonic())
            wanted = presence.setting(present, monotonic())
            current = connection.execute("SHOW synchronous_standby_names").fetchone()
            if wanted is not None and current != (wanted,):
                _set(connection, wanted)
                logger.warning("%s", _sentence(present))
            self._trouble = ""

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            **self._primary,
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
    # The reload is a signal: it has to arrive before the setting is compared again.
    connection.execute("SELECT pg_sleep(0.05)")


def _sentence(present: Sequence[str]) -> str:
    if present:
        return f"Writes wait until one replica has them ({', '.join(present)} there)."
    return "No replica is there: writes are acknowledged by the primary alone."
