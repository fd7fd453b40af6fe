"""The connection budget: whether PostgreSQL's ``max_connections`` suffices for all processes.

Each gunicorn process has a pool of its own, so that the numbers multiply. They are checked before
the first process starts, rather than found out at the busiest hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from infra.ops.libpq import connection_parameters

# PostgreSQL's default, assumed of a server that cannot be asked.
DEFAULT_LIMIT = 100
# Workers, the keeper, management commands and an operator's psql.
OTHER_CONNECTIONS = 10
# A process that reads from replicas monitors each server over a connection of its own.
MONITOR_CONNECTIONS = 1
# That of gunicorn's first process, which locks the INSTANCE_ID (minigram_site.instance_lock).
LOCK_CONNECTIONS = 1


@dataclass(frozen=True)
class Demand:
    """The connections that one server may be asked for.

    ``pool`` and ``monitor`` are connections of each of the ``instances`` × ``processes``.
    """

    instances: int
    processes: int
    pool: int
    monitor: int

    @property
    def total(self) -> int:
        """The most connections that can be open at once."""
        each = self.processes * (self.pool + self.monitor) + LOCK_CONNECTIONS
        return self.instances * each + OTHER_CONNECTIONS

    def excess(self, limit: int) -> str:
        """Return why a server with ``limit`` connections is too small, or an empty text."""
        if self.total <= limit:
            return ""
        beside = self.instances * (self.monitor * self.processes + LOCK_CONNECTIONS)
        return (
            f"{self.instances} instances (INSTANCES) with {self.processes} processes each "
            f"(WEB_CONCURRENCY) and {self.pool} connections per process (pool in DATABASE_URL), "
            f"with {beside + OTHER_CONNECTIONS} for all else, may need "
            f"{self.total} connections, but there are {limit}. Lower one of the three."
        )


def find_excess(*, instances: int, processes: int) -> str:
    """Return why the configured servers are too small for what is to be started, or an empty text.

    ``processes`` are those of each instance. Costs one connection to each server, two seconds at
    most. An unreachable server counts with the default limit: it must not prevent a start.
    """
    for alias in (DEFAULT_DB_ALIAS, *settings.REPLICAS):
        config = settings.DATABASES[alias]
        pool = config["OPTIONS"].get("pool")
        if not pool:
            return ""
        monitor = MONITOR_CONNECTIONS if settings.REPLICAS else 0
        demand = Demand(instances, processes, pool["max_size"], monitor)
        excess = demand.excess(DEFAULT_LIMIT) or demand.excess(_limit_of(config))
        if excess:
            return excess
    return ""


def _limit_of(config: dict[str, Any]) -> int:
    """Return how many connections a server grants to roles that are not superusers."""
    try:
        with psycopg.connect(
            **connection_parameters(config), autocommit=True, connect_timeout=2
        ) as connection:
            row = connection.execute(
                "SELECT current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int"
            ).fetchone()
    except psycopg.Error:
        return DEFAULT_LIMIT
    return int(row[0]) if row else DEFAULT_LIMIT
